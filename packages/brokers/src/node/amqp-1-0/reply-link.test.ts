import { createMessage, createReply, defineEvent, MessagingError, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { once } from 'node:events';
import rhea from 'rhea';
import type { EventContext, Sender } from 'rhea';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { amqpTransport } from './index.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer that makes up a queue for each link, which ends with its connection; `isSilent` while it takes requests and answers none, `cuts` how many links it cuts off before it says where. */
async function given() {
  const broker = rhea.create_container({ autoaccept: false });
  const queues = new Map<string, Sender>();
  const asked: string[] = [];
  const peer = { isSilent: false, cuts: 0, asked, cut: (): void => undefined };
  let made = 0;
  broker.on('disconnected', () => queues.clear());
  broker.on('sender_open', ({ sender }: EventContext) => {
    const address = `made-up-${(made += 1)}`;
    if (peer.cuts > 0) {
      peer.cuts -= 1;
      return peer.cut();
    }
    sender?.set_source({ address, dynamic: true });
    if (sender) queues.set(address, sender);
  });
  broker.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target({ address: String(Object(receiver).remote.attach.target.address) }));
  broker.on('message', ({ message, delivery }: EventContext) => {
    delivery?.accept();
    asked.push(String(message?.reply_to));
    const reply = createReply(readMessage(new Uint8Array(message?.body.content)), { source: 'https://ward.example.org' });
    if (!peer.isSilent) queues.get(String(message?.reply_to))?.send({ body: rhea.message.data_section(Buffer.from(reply.bytes)) });
  });
  const connection = await connectedTo(broker, stops, { initial_reconnect_delay: 1, max_reconnect_delay: 1 }, (socket) => (peer.cut = () => void socket.destroy()));
  const transport = amqpTransport(connection, { to: 'q', replies: 'dynamic' });
  stops.push(() => transport.close());
  const send = async () => {
    const message: Message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
    return transport({ message, bytes: message.bytes, attempt: 1, signal: AbortSignal.timeout(10_000) });
  };
  return { peer, connection, send };
}

describe("amqpTransport, AMQP 1.0, replies: 'dynamic'", () => {
  it('asks for replies where the broker says after a reconnect, and no more where it said before', async () => {
    const { peer, connection, send } = await given();
    expect((await send()).body).toBeInstanceOf(Uint8Array);
    const back = once(connection, 'connection_open');
    peer.cut();
    await back;

    expect((await send()).body).toBeInstanceOf(Uint8Array);
    expect(peer.asked).toEqual(['made-up-1', 'made-up-2']);
  });

  it('asks for replies where the broker says after a reconnect that came before it had said anything', async () => {
    const { peer, send } = await given();
    peer.cuts = 1;

    expect((await send()).body).toBeInstanceOf(Uint8Array);
    expect(peer.asked).toEqual(['made-up-2']);
  });

  it('ends what waits when the queue goes with its connection: the reply cannot come any more, and the request may have been processed', async () => {
    const { peer, send } = await given();
    peer.isSilent = true;
    const sending = send();
    const ended = expect(sending).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    await expect.poll(() => peer.asked).toHaveLength(1);
    peer.cut();

    await ended;
  });
});

describe('amqpTransport, AMQP 1.0: onReply', () => {
  /** A transport whose link has one reply on it, that nobody waits for, and what the peer is told of it. */
  async function handedOver(onReply: () => unknown) {
    const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
    const reply = createReply(message, { source: 'https://ward.example.org' });
    const broker = rhea.create_container({ autoaccept: false });
    const outcomes: string[] = [];
    for (const outcome of ['accepted', 'released', 'rejected'] as const) broker.on(outcome, () => outcomes.push(outcome));
    broker.on('disconnected', () => undefined);
    broker.on('sender_open', ({ sender }: EventContext) => {
      sender?.set_source({ address: 'replies' });
      sender?.send({ body: rhea.message.data_section(Buffer.from(reply.bytes)) });
    });
    broker.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target({ address: String(Object(receiver).remote.attach.target.address) }));
    broker.on('message', ({ delivery }: EventContext) => delivery?.accept());
    const connection = await connectedTo(broker, stops, { reconnect: false });
    const asked = vi.fn(onReply);
    const transport = amqpTransport(connection, { to: 'q', replies: { queue: 'replies' }, onReply: asked });
    stops.push(() => transport.close());
    await expect.poll(() => asked).toHaveBeenCalledTimes(1);
    return { transport, outcomes, asked };
  }

  it('a reply in a queue with a name is taken before anything is sent: it came for the process before this one', async () => {
    const { outcomes } = await handedOver(() => undefined);

    await expect.poll(() => outcomes).toEqual(['accepted']);
  });

  it('a reply whose pending store is away for a moment is accepted once it is taken', async () => {
    const away = vi.fn().mockRejectedValueOnce(new MessagingError('storage.unavailable', 'The store is away.'));
    const { outcomes, asked } = await handedOver(away);

    await expect.poll(() => outcomes).toEqual(['accepted']);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('a reply that comes between the close of the messenger and that of its transport is released', async () => {
    const { transport, outcomes } = await handedOver(() => Promise.reject(new MessagingError('closed', 'The messenger was closed.')));
    await transport.close();

    await expect.poll(() => outcomes).toEqual(['released']);
  });
});
