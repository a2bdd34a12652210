import { createMessage, defineEvent, isMessagingError } from '@fhir-messaging/core';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { afterEach, describe, expect, it } from 'vitest';
import { amqpTransport } from './index.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'notification', focus: ['Patient'], reply: 'on-error', payload: { Patient: '1..1' } });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer with queues that a test declares and deletes: it closes the links of those that are gone, and refuses others. */
async function given({ replies }: { readonly replies: { readonly queue: string } | false }) {
  const broker = rhea.create_container({ autoaccept: false });
  const queues = new Set<string>();
  const links = new Map<string, { close(error: object): void }>();
  const addressOf = (link: unknown, end: 'source' | 'target'): string => String(Object(link).remote.attach[end].address);
  const missing = { condition: 'amqp:not-found' };
  broker.on('disconnected', () => undefined);
  broker.on('receiver_open', ({ receiver }: EventContext) => {
    const address = addressOf(receiver, 'target');
    if (receiver === undefined || !queues.has(address)) return receiver?.close(missing);
    receiver.set_target({ address });
    links.set(address, receiver);
  });
  broker.on('sender_open', ({ sender }: EventContext) => {
    const address = addressOf(sender, 'source');
    if (sender === undefined || !queues.has(address)) return sender?.close(missing);
    sender.set_source({ address });
    links.set(address, sender);
  });
  broker.on('message', ({ delivery }: EventContext) => delivery?.accept());
  const connection = await connectedTo(broker, stops, { reconnect: false });
  const transport = amqpTransport(connection, { to: 'requests', replies });
  stops.push(() => transport.close());
  const send = async (): Promise<unknown> => {
    const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
    return transport({ message, bytes: message.bytes, attempt: 1, signal: AbortSignal.timeout(10_000) }).then(
      () => 'sent',
      (error: unknown) => isMessagingError(error) && `${error.code}, ${error.delivery}`,
    );
  };
  return {
    send,
    declare: (queue: string) => void queues.add(queue),
    stop: (queue: string) => {
      queues.delete(queue);
      links.get(queue)?.close(missing);
    },
  };
}

describe('amqpTransport, AMQP 1.0: a queue that is missing', () => {
  it('is no place for a message where it was never there: address.refused', async () => {
    const { send } = await given({ replies: false });

    expect(await send()).toBe('address.refused, no');
  });

  it('where it was there before may come back: transport.failed, which a messenger tries again, delivery no, until it is there', async () => {
    const { send, declare, stop } = await given({ replies: false });
    declare('requests');
    expect(await send()).toBe('sent');
    stop('requests');
    await expect.poll(send).toBe('transport.failed, no');
    expect(await send()).toBe('transport.failed, no');
    declare('requests');

    expect(await send()).toBe('sent');
  });

  it('nothing is sent while the queue for replies is missing: address.refused where it was never there, transport.failed where it was', async () => {
    const { send, declare, stop } = await given({ replies: { queue: 'replies' } });
    declare('requests');
    expect(await send()).toBe('address.refused, no');
    declare('replies');
    await expect.poll(send).toBe('sent');
    stop('replies');

    await expect.poll(send).toBe('transport.failed, no');
  });
});
