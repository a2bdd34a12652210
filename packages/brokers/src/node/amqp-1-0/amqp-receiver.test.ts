import { createMessage, defineEvent, isMessagingError } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import rhea from 'rhea';
import type { EventContext, Message } from 'rhea';
import { afterEach, describe, expect, it } from 'vitest';
import { amqpReceiver } from './index.ts';
import { connectedTo } from '../../../test/rhea-peer.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const admission = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const body = rhea.message.data_section(Buffer.from(admission.bytes));
const uuid = Buffer.from((admission.identity.message ?? '').replace('urn:uuid:', '').replaceAll('-', ''), 'hex');

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A peer that hands one message over, and takes what is sent; the broker's own tests are in test/brokers. */
async function given(message: Message) {
  const broker = rhea.create_container({ autoaccept: false });
  const errors: unknown[] = [];
  const outcomes: string[] = [];
  const taken: { readonly address: string | undefined; readonly message: Message }[] = [];
  let isSent = false;
  broker.on('disconnected', () => undefined);
  broker.on('sender_open', ({ sender }: EventContext) => sender?.set_source({ address: 'q' }));
  broker.on('sendable', ({ sender }: EventContext) => {
    if (!isSent) sender?.send(message);
    isSent = true;
  });
  broker.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target({ address: String(Object(receiver).remote.attach.target.address) }));
  broker.on('message', (context: EventContext) => {
    taken.push({ address: context.receiver?.target.address, message: context.message! });
    context.delivery?.accept();
  });
  for (const outcome of ['accepted', 'released', 'rejected'] as const) broker.on(outcome, () => outcomes.push(outcome));
  const connection = await connectedTo(broker, stops, { reconnect: false });
  let runs = 0;
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => void (runs += 1));
  const receiving = amqpReceiver(connection, receiver, { queue: 'q', prefetch: 1, onError: (error) => void errors.push(error) });
  stops.push(() => receiving.close());
  await expect.poll(() => outcomes).toHaveLength(1);
  return { runs, outcomes, taken, errors };
}

describe('amqpReceiver, AMQP 1.0', () => {
  it('makes a message with a timestamp that is past what a date holds a dead letter: it ends no process', async () => {
    const properties: Record<string, unknown> = { 'cloudEvents:time': rhea.types.wrap_timestamp(8.7e15), 'x-own': 'kept' };
    const { runs, outcomes, taken, errors } = await given({ application_properties: properties, body });

    expect([runs, outcomes]).toEqual([0, ['accepted']]);
    expect(taken).toEqual([{ address: 'q.dead', message: expect.objectContaining({ application_properties: expect.objectContaining({ 'x-own': 'kept', 'fhir-error-outcome': expect.stringContaining('cloudEvents:time') }) }) }]);
    expect(taken[0]?.message.application_properties).not.toHaveProperty(['cloudEvents:time']);
    expect(errors).toHaveLength(1);
    expect(errors.every(isMessagingError)).toBe(true);
  });

  it('reads ids that are of the type uuid, as the JMS clients of other languages write them', async () => {
    const { runs, outcomes, taken } = await given({ message_id: Object(rhea.types.wrap_uuid(uuid)), correlation_id: Object(rhea.types.wrap_uuid(uuid)), content_type: 'application/fhir+json', body });

    expect([runs, outcomes, taken]).toEqual([1, ['accepted'], []]);
  });

  it('hands an id on to the dead letters that is a UUID as one, and other bytes as text', async () => {
    const { taken } = await given({ message_id: Object(rhea.types.wrap_uuid(Buffer.alloc(16, 7))), correlation_id: Object(rhea.types.wrap_binary(Buffer.from('no uuid, and longer than one'))), body });

    expect(taken).toEqual([{ address: 'q.dead', message: expect.objectContaining({ message_id: Buffer.alloc(16, 7), correlation_id: 'no uuid, and longer than one' }) }]);
  });

  it('hands on to the dead letters what it came with, but for its user id, which the broker takes from nobody else', async () => {
    const came = { content_encoding: 'identity', subject: 'admissions', group_id: 'p1', group_sequence: 3, reply_to_group_id: 'p2', priority: 7 };
    const { taken } = await given({ ...came, message_id: 'another', user_id: 'laboratory', content_type: 'application/fhir+json', body });

    expect(taken).toEqual([{ address: 'q.dead', message: expect.objectContaining({ ...came, message_id: 'another' }) }]);
    expect(taken[0]?.message.user_id ?? null).toBeNull();
  });
});
