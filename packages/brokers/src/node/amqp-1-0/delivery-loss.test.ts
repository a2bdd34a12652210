import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Socket } from 'node:net';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { amqpReceiver, amqpTransport } from './index.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const reply = createReply(message, { source: 'https://ward.example.org' });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer that hands one message over, again after each loss until it is settled; it releases what is sent until it `hasRoom`. */
async function given(bytes: Uint8Array) {
  const broker = rhea.create_container({ autoaccept: false });
  const accepted: unknown[] = [];
  const refused: unknown[] = [];
  const outcomes: string[] = [];
  const peer = { hasRoom: false, handedOver: 0, socket: undefined as Socket | undefined };
  broker.on('disconnected', () => undefined);
  broker.on('sender_open', ({ sender }: EventContext) => {
    sender?.set_source({ address: 'q' });
    if (outcomes.length > 0) return;
    peer.handedOver += 1;
    sender?.send({ body: rhea.message.data_section(Buffer.from(bytes)) });
  });
  broker.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target({ address: String(Object(receiver).remote.attach.target.address) }));
  broker.on('message', ({ receiver, delivery }: EventContext) => {
    (peer.hasRoom ? accepted : refused).push(receiver?.target.address);
    if (peer.hasRoom) delivery?.accept();
    else delivery?.release();
  });
  for (const outcome of ['accepted', 'released', 'rejected'] as const) broker.on(outcome, () => outcomes.push(outcome));
  const connection = await connectedTo(broker, stops, { initial_reconnect_delay: 1, max_reconnect_delay: 1 }, (socket) => (peer.socket = socket));
  const lose = async (): Promise<void> => {
    const { handedOver } = peer;
    peer.socket?.destroy();
    await expect.poll(() => peer.handedOver).toBe(handedOver + 1);
  };
  return { peer, connection, accepted, refused, outcomes, lose };
}

describe('a delivery that is lost with its connection, AMQP 1.0', () => {
  it.each(['strict', 'relaxed'] as const)('becomes one dead letter, of the one that came last, in %s order', async (order) => {
    const { peer, connection, accepted, refused, outcomes, lose } = await given(message.bytes);
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'fatal-error' }));
    const receiving = amqpReceiver(connection, receiver, { queue: 'q', order, retryDelaysMs: [300] });
    stops.push(() => receiving.close());
    await expect.poll(() => refused).toHaveLength(1);
    for (let losses = 0; losses < 3; losses += 1) await lose();
    peer.hasRoom = true;

    await expect.poll(() => outcomes).toEqual(['accepted']);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(accepted).toEqual(['q.dead']);
  });

  it('is tried again once, and not once more for each loss, where it is held here until its next attempt', async () => {
    const { connection, lose } = await given(message.bytes);
    const handle = vi.fn(() => ({ code: 'transient-error' as const }));
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, handle);
    const receiving = amqpReceiver(connection, receiver, { queue: 'q', retryDelaysMs: [300, 60_000] });
    stops.push(() => receiving.close());
    await expect.poll(() => handle).toHaveBeenCalledTimes(1);
    for (let losses = 0; losses < 3; losses += 1) await lose();
    await expect.poll(() => handle).toHaveBeenCalledTimes(4);

    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(handle).toHaveBeenCalledTimes(5);
  });

  it('writes nothing where its handler ends after the loss: the one that is handed over again does', async () => {
    const { peer, connection, accepted, outcomes, lose } = await given(message.bytes);
    peer.hasRoom = true;
    let go = (): void => undefined;
    const hung = new Promise<void>((resolve) => (go = resolve));
    const onError = vi.fn();
    const handle = vi.fn(() => hung.then(() => ({ code: 'fatal-error' as const })));
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, handle);
    const receiving = amqpReceiver(connection, receiver, { queue: 'q', retryDelaysMs: [50], onError });
    stops.push(() => receiving.close());
    await expect.poll(() => handle).toHaveBeenCalledTimes(1);
    await lose();
    go();

    await expect.poll(() => onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'transport.failed', message: expect.stringContaining('handed over again') }), expect.anything());
    await expect.poll(() => outcomes).toEqual(['accepted']);
    expect(accepted).toEqual(['q.dead']);
  });

  it('is asked of onReply by one, however often the connection was lost, where it is a reply that waits', async () => {
    const { peer, connection, lose } = await given(reply.bytes);
    peer.hasRoom = true;
    const onReply = vi.fn(() => Promise.reject(new MessagingError('storage.unavailable', 'The store is away.')));
    const transport = amqpTransport(connection, { to: 'q', replies: { queue: 'replies' }, onReply });
    stops.push(() => transport.close());
    await transport({ message, bytes: message.bytes, attempt: 1, async: true, signal: AbortSignal.timeout(10_000) });
    await expect.poll(() => onReply).toHaveBeenCalledTimes(1);
    for (let losses = 0; losses < 3; losses += 1) await lose();
    await expect.poll(() => onReply).toHaveBeenCalledTimes(4);

    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(onReply).toHaveBeenCalledTimes(5);
  });
});
