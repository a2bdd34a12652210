import { isMessagingError } from '@fhir-messaging/core';
import rhea from 'rhea';
import type { Delivery, EventContext } from 'rhea';
import { afterEach, describe, expect, it } from 'vitest';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer that takes what is sent, and tells the test of each delivery: what becomes of it the test says. */
async function given(take: (delivery: Delivery) => void) {
  const broker = rhea.create_container({ autoaccept: false });
  const ended: unknown[] = [];
  const addressOf = ({ receiver }: EventContext): string => String(Object(receiver).remote.attach.target.address);
  broker.on('disconnected', () => undefined);
  broker.on('receiver_open', (context: EventContext) => context.receiver?.set_target({ address: addressOf(context) }));
  broker.on('session_close', ({ session }: EventContext) => ended.push(session));
  broker.on('message', ({ delivery }: EventContext) => delivery && take(delivery));
  const connection = await connectedTo(broker, stops, { reconnect: false });
  const publisher = confirmedPublisher(connection);
  stops.push(() => publisher.close());
  const send = (address: string, signal = new AbortController().signal): Promise<void> => publisher.publishing(address, {}, new Uint8Array([1]))(signal, () => undefined);
  return { connection, ended, send };
}

/** What a failure says. */
const saidBy = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => 'accepted',
    (error: unknown) => (isMessagingError(error) ? { code: error.code, delivery: error.delivery, message: error.message } : error),
  );

describe('confirmedPublisher, AMQP 1.0', () => {
  it('closes no link over which a message is under way, however many addresses there are, and keeps a hundred', async () => {
    const deliveries: Delivery[] = [];
    const { send, ended } = await given((delivery) => {
      deliveries.push(delivery);
      if (deliveries.length === 120) for (const one of deliveries) one.accept();
    });
    const sent = Array.from({ length: 120 }, (_, number) => saidBy(send(`q${number}`)));

    expect(new Set(await Promise.all(sent))).toEqual(new Set(['accepted']));
    await expect.poll(() => ended).toHaveLength(20);
  });

  it.each([
    ['released', (delivery: Delivery) => delivery.release(), 'address.refused', 'No queue takes the message: the broker released it.'],
    ['modified, not deliverable here', (delivery: Delivery) => delivery.modified({ undeliverable_here: true }), 'address.refused', 'No queue takes the message: the broker released it.'],
    ['modified', (delivery: Delivery) => delivery.modified({ delivery_failed: true }), 'transport.failed', 'The broker returned the message, which it could not deliver now.'],
    ['rejected', (delivery: Delivery) => delivery.reject({ condition: 'amqp:resource-limit-exceeded' }), 'transport.failed', 'The broker rejected the message (amqp:resource-limit-exceeded).'],
  ])('says of what the broker did not accept that it is nowhere, and whether a queue would take it another time (%s)', async (_, take, code, message) => {
    const { send } = await given(take);

    expect(await saidBy(send('q'))).toEqual({ code, delivery: 'no', message });
  });
});
