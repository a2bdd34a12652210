import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { afterEach, expect, it, vi } from 'vitest';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { creditedReceiver } from './credited-receiver.ts';
import { openReceiver } from './open-receiver.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer that closes each link, and no session; `endedAfter` how many links each of its sessions ended. */
async function given() {
  const broker = rhea.create_container({ autoaccept: false });
  const peer = { links: 0, endedAfter: [] as number[], isLost: false };
  const refuse = ({ sender, receiver }: EventContext): void => {
    peer.links += 1;
    (sender ?? receiver)?.close({ condition: 'amqp:unauthorized-access' });
  };
  broker.on('disconnected', () => (peer.isLost = true));
  broker.on('sender_open', refuse);
  broker.on('receiver_open', refuse);
  broker.on('session_close', () => peer.endedAfter.push(peer.links));
  return { peer, connection: await connectedTo(broker, stops, { reconnect: false }) };
}

it('AMQP 1.0: the session of a receiving link that the broker closes ends, before there is another', async () => {
  const { peer, connection } = await given();
  const receiving = creditedReceiver(connection, { source: { address: 'replies' }, prefetch: 1, onError: undefined }, () => Promise.resolve('return'));
  stops.push(() => receiving.close());

  await expect.poll(() => peer.endedAfter.slice(0, 2)).toEqual([1, 2]);
  expect(peer.isLost).toBe(false);
});

it('AMQP 1.0: the session of a sending link that the broker closes ends, before there is another', async () => {
  const { peer, connection } = await given();
  const publisher = confirmedPublisher(connection);
  stops.push(() => publisher.close());
  const send = () => publisher.publishing('q', {}, new Uint8Array([1]))(new AbortController().signal, () => undefined);
  for (let sends = 1; sends < 3; sends += 1) {
    await expect(send()).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no' });
    await expect.poll(() => peer.endedAfter).toHaveLength(sends);
  }

  expect(peer).toEqual({ links: 2, endedAfter: [1, 2], isLost: false });
});

it.each(['return', 'acknowledge'] as const)('AMQP 1.0: the session of a receiving link that the broker closes while it is closed here ends, and the connection stays: %s is said of its message afterwards', async (verdict) => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  const broker = rhea.create_container({ autoaccept: false });
  const peer = { ended: 0, isLost: false };
  let closeLink = (): void => undefined;
  broker.on('disconnected', () => (peer.isLost = true));
  broker.on('sender_open', ({ sender }: EventContext) => {
    sender?.send({ body: 'one' });
    closeLink = () => sender?.close({ condition: 'amqp:resource-deleted' });
  });
  broker.on('session_close', () => (peer.ended += 1));
  const connection = await connectedTo(broker, stops, { reconnect: false });
  let leave = (): void => undefined;
  const work = new Promise<void>((resolve) => (leave = resolve));
  const take = vi.fn(() => work.then(() => verdict));
  const onEnd = vi.fn();
  const receiver = openReceiver(connection, { source: { address: 'q' }, prefetch: 1 }, take, onEnd);
  await expect.poll(() => take).toHaveBeenCalledTimes(1);
  const closed = receiver.close();
  closeLink();
  await pause();
  leave();
  await closed;
  await pause();

  expect(peer).toEqual({ ended: 1, isLost: false });
  expect(onEnd).not.toHaveBeenCalled();
});
