import { createMessenger, defineEvent } from '@fhir-messaging/core';
import type { EventContract, Message } from '@fhir-messaging/core';
import { kafkaReceiver } from '@fhir-messaging/brokers/kafka';
import type { KafkaReceiverOptions } from '@fhir-messaging/brokers/kafka';
import { basicCredentials, createMessageTopic, messageOfTopic, messageTopicTransport, tieSubscription } from '@fhir-messaging/brokers/message-topic';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { admission, admit } from '../storage/events.ts';
import { readBare } from './kafka/bare-topic.ts';
import { consumerFactory } from './kafka/kafka-under-contract.ts';
import { createTopics } from './kafka/topics.ts';
import { administrator, startEmulator } from './message-topic-emulator.ts';
import type { MessageTopicEmulator } from './message-topic-emulator.ts';

const broker = inject('kafkaBroker');
const bootstrapBrokers = [broker];

const table = { coding: { system: 'https://iguhealth.app', code: 'subscription-message' }, category: 'notification', focus: ['Patient'], payload: { Patient: '1..1' } } as const;
/** What the product's Subscriptions send. */
const subscriptionMessage: EventContract<typeof table> = defineEvent(table);

describe.skipIf(broker === '')('a topic of a FHIR server, emulated, in front of the real Kafka', () => {
  let emulator: MessageTopicEmulator;
  let producer: Producer;
  let topic = '';
  const opened: { close(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    emulator = await startEmulator();
    producer = new Producer({ clientId: 'test', bootstrapBrokers });
  });
  afterAll(async () => {
    await producer.close();
    await emulator.stop();
  });
  beforeEach(async () => {
    topic = `topic.${randomUUID()}`;
    await createTopics(bootstrapBrokers, topic, `${topic}.dead`, `${topic}.replies`);
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  const server = () => ({ baseUrl: emulator.baseUrl, headers: { authorization: administrator } });
  const newTopic = async (): Promise<string> => (await createMessageTopic({ broker: { name: 'events', host: broker }, topicId: topic }, server())).topicId;
  const tied = async (topicId: string): Promise<{ readonly authorization: string; readonly subscriptionId: string }> => {
    const { clientId, subscriptionId } = await tieSubscription({ topicId, criteria: 'Patient', client: { name: 'poster', secret: 's3cret' }, grant: { engine: 'full-access' } }, server());
    return { authorization: basicCredentials(clientId, 's3cret'), subscriptionId };
  };
  const receive = async (receiver: Receiver, options: Partial<KafkaReceiverOptions> = {}): Promise<void> => {
    const consumption = kafkaReceiver(receiver, { topic, producer, consumer: consumerFactory(bootstrapBrokers, options.topic ?? topic), read: messageOfTopic, ...options });
    opened.push(consumption);
    await consumption.ready;
  };
  const createPatient = async (): Promise<string> => {
    const response = await fetch(`${emulator.baseUrl}/Patient`, { method: 'POST', headers: { authorization: administrator }, body: JSON.stringify({ resourceType: 'Patient' }) });
    const { id } = (await response.json()) as { id: string };
    return id;
  };

  it('a message that is posted to the topic comes to our receiver to the byte, and the reply to the messenger that sent it', async () => {
    const topicId = await newTopic();
    const { authorization } = await tied(topicId);
    const received: Message[] = [];
    await receive(createReceiver({ source: 'https://ward.example.org/fhir' }).on(admit, ({ message }) => void received.push(message)), { replyTopic: `${topic}.replies`, replyTargets: [`${topic}.replies`] });
    const messenger = createMessenger({ transport: messageTopicTransport({ baseUrl: emulator.baseUrl, topicId, headers: { authorization } }) });
    const replies = createReceiver({ source: 'https://app.example.org', replies: messenger });
    await receive(replies, { topic: `${topic}.replies`, read: undefined });

    const message = admission();
    const reply = await messenger.send(message, { async: true });

    expect(reply.kind).toBe('accepted');
    expect(reply.issues).toMatchObject([{ severity: 'information', diagnostics: 'Message sent' }]);
    expect(reply.kind === 'accepted' && (await reply.later)?.kind).toBe('ok');
    expect(received.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([new TextDecoder().decode(message.bytes)]);
  });

  it('what a Subscription posts becomes a message with ids, once for each record, and is handled', async () => {
    const topicId = await newTopic();
    const { subscriptionId } = await tied(topicId);
    const received: [string | undefined, string | undefined][] = [];
    await receive(createReceiver({ source: 'https://ward.example.org/fhir' }).on(subscriptionMessage, ({ message, payload }) => void received.push([message.identity.message, payload.Patient.id])));
    const ids = [await createPatient(), await createPatient()];
    await emulator.settled();

    await expect.poll(() => received.map(([, id]) => id).sort()).toEqual(ids.toSorted());
    expect(new Set(received.map(([messageId]) => messageId)).size).toBe(2);
    expect(emulator.resources.get(`Subscription/${subscriptionId}`)).toMatchObject({ status: 'active' });
  });

  it('puts on the topic what the product does: {"input": …}, without key and headers', async () => {
    const topicId = await newTopic();
    const { authorization } = await tied(topicId);
    const message = admission();
    await createMessenger({ transport: messageTopicTransport({ baseUrl: emulator.baseUrl, topicId, headers: { authorization } }) }).send(message);
    const bare = await readBare(bootstrapBrokers, topic);
    opened.push(bare);
    const { value, key, headers } = await bare.next();

    expect(String(value)).toBe(`{"input":${new TextDecoder().decode(message.bytes)}}`);
    expect([key?.length ?? 0, headers.size]).toEqual([0, 0]);
  });

  it('a client without a policy is refused: nothing arrived', async () => {
    const topicId = await newTopic();
    const messenger = createMessenger({ transport: messageTopicTransport({ baseUrl: emulator.baseUrl, topicId, headers: { authorization: basicCredentials('nobody', 'x') } }) });
    expect(await messenger.send(admission())).toMatchObject({ kind: 'refused', issues: [{ code: 'forbidden' }] });
  });

  it('an address for the reply cannot be told to the operation: nothing is sent', async () => {
    const messenger = createMessenger({ transport: messageTopicTransport({ baseUrl: emulator.baseUrl, topicId: 'any' }) });
    await expect(messenger.send(admission(), { responseUrl: 'https://app.example.org/replies' })).rejects.toMatchObject({ code: 'transport.unsupported', delivery: 'no' });
  });

  it('what a server refuses to create is told with its issues, never with the credentials', async () => {
    const failing = createMessageTopic({ broker: { name: 'events', host: broker }, topicId: topic }, { baseUrl: emulator.baseUrl, headers: { authorization: 'Basic c2VudGluZWw6c2VudGluZWw=' } });
    const error: unknown = await failing.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'transport.status', status: 403, issues: [{ code: 'forbidden' }] });
    expect(JSON.stringify(error)).not.toContain('c2Vud');
  });
});
