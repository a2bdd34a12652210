import { createMessage, createMessenger } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import type { KafkaAssignment, KafkaConsumerFactory, KafkaConsumption, KafkaGap, KafkaProducer, KafkaReceiverOptions } from '@fhir-messaging/brokers/kafka';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Handler, Receiver } from '@fhir-messaging/receiver';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { admit } from '../storage/events.ts';
import { readBare } from './kafka/bare-topic.ts';
import { consumerFactory } from './kafka/kafka-under-contract.ts';
import { countRecords, createTopics } from './kafka/topics.ts';

const broker = inject('kafkaBroker');
const bootstrapBrokers = [broker];
const source = 'https://app.example.org';

function admissionOf(id: string): Message<typeof admit> {
  return createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source });
}

describe.skipIf(broker === '')('a receiver on Kafka', () => {
  let producer: Producer;
  let topic = '';
  const opened: { close(): Promise<unknown> }[] = [];
  beforeAll(() => {
    producer = new Producer({ clientId: 'test', bootstrapBrokers });
  });
  afterAll(() => producer.close());
  beforeEach(async () => {
    topic = `receiver.${randomUUID()}`;
    await createTopics(bootstrapBrokers, topic, `${topic}.dead`);
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  /** To the partition that the key says: `b` and `c` are in two. */
  const publish = async (id: string, key = 'b'): Promise<void> => {
    await producer.send({ messages: [{ topic, key: Buffer.from(key), value: Buffer.from(admissionOf(id).bytes) }], acks: -1, idempotent: true });
  };
  const receiverOf = (handle: Handler<typeof admit, undefined>): Receiver => createReceiver({ source }).on(admit, handle);
  const receive = async (handle: Handler<typeof admit, undefined>, options: Partial<KafkaReceiverOptions> = {}): Promise<KafkaConsumption> => {
    const consumption = kafkaReceiver(receiverOf(handle), { topic, producer, consumer: consumerFactory(bootstrapBrokers, topic), retryDelaysMs: [1], ...options });
    opened.push(consumption);
    await consumption.ready;
    return consumption;
  };
  const committed = async (): Promise<number> => {
    const consumer = new Consumer({ clientId: 'test', groupId: topic, bootstrapBrokers });
    const offsets = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0, 1, 2] }] });
    await consumer.close();
    return (offsets.get(topic) ?? []).reduce((sum, offset) => sum + Math.max(0, Number(offset)), 0);
  };
  const gate = (): { readonly opened: Promise<void>; open(): void } => {
    let open = (): void => undefined;
    const promise = new Promise<void>((resolve) => (open = resolve));
    return { opened: promise, open: () => open() };
  };

  it('commits an offset when the outcome is stored, and not before', async () => {
    const door = gate();
    let runs = 0;
    await publish('p1');
    await receive(async () => {
      runs += 1;
      await door.opened;
    });
    await expect.poll(() => runs).toBe(1);
    expect(await committed()).toBe(0);
    door.open();
    await expect.poll(() => committed()).toBe(1);
  });

  it('a transient failure holds its own partition and no other, however much waits behind it (strict)', async () => {
    const door = gate();
    const done: string[] = [];
    let isOpen = false;
    const ids = Array.from({ length: 30 }, (_, index) => `held-${index}`);
    for (const id of ids) await publish(id, 'b');
    await receive(
      async ({ payload: { Patient } }) => {
        if (Patient.id === 'held-0' && !isOpen) return { code: 'transient-error' };
        done.push(Patient.id ?? '');
        if (Patient.id === 'held-2') {
          // What comes now is behind much that there was no room for.
          await publish('held-30');
          await publish('free-10', 'c');
          await expect.poll(() => done).toContain('free-10');
        }
        return undefined;
      },
      { capacity: 4, wait: (delayMs) => (delayMs === 1 ? door.opened : new Promise((resolve) => setTimeout(resolve, delayMs))) },
    );
    for (let index = 0; index < 10; index += 1) await publish(`free-${index}`, 'c');
    await expect.poll(() => done).toHaveLength(10);
    expect(done.every((id) => id.startsWith('free'))).toBe(true);

    isOpen = true;
    door.open();
    await expect.poll(() => done.filter((id) => id.startsWith('held'))).toEqual([...ids, 'held-30']);
    await expect.poll(() => committed()).toBe(42);
  });

  it('a fatal failure leaves a gap, which is reported with its key, and the key goes on (strict)', async () => {
    const gaps: KafkaGap[] = [];
    const done: string[] = [];
    for (const id of ['p1', 'p2', 'p3']) await publish(id, 'c');
    await receive(
      ({ payload: { Patient } }) => {
        if (Patient.id === 'p2') return { issues: [{ severity: 'error', code: 'business-rule' }] };
        done.push(Patient.id ?? '');
        return undefined;
      },
      { onGap: (gap) => void gaps.push(gap) },
    );
    await expect.poll(() => done).toEqual(['p1', 'p3']);
    expect(gaps).toMatchObject([{ topic, offset: 1n, key: 'c', issues: [{ code: 'business-rule' }] }]);

    const dead = await readBare(bootstrapBrokers, `${topic}.dead`);
    opened.push(dead);
    const { value, headers } = await dead.next();
    const said = Object.fromEntries([...headers].map(([name, text]) => [String(name), String(text)]));
    expect(JSON.parse(String(value))).toMatchObject({ entry: [{}, { resource: { id: 'p2' } }] });
    expect(said).toMatchObject({ 'fhir-original-topic': topic, 'fhir-original-offset': '1', 'fhir-original-partition': String(gaps[0]?.partition), 'fhir-error-attempts': '1' });
  });

  it('where a dead letter cannot be written it stops, and commits nothing of it', async () => {
    const done: string[] = [];
    await publish('p1');
    await publish('fatal');
    await publish('p2');
    const consumption = await receive(
      ({ payload: { Patient } }) => {
        if (Patient.id === 'fatal') return { code: 'fatal-error' };
        done.push(Patient.id ?? '');
        return undefined;
      },
      { deadLetterTopic: `${topic}.none` },
    );

    await expect(consumption.ended).rejects.toMatchObject({ code: 'address.refused', delivery: 'no' });
    expect(done).toEqual(['p1']);
    expect(await committed()).toBeLessThanOrEqual(1);
  });

  it('a reply that cannot be written keeps its request from being committed, and is written when the topic takes it', async () => {
    let isBroken = true;
    const errors: unknown[] = [];
    let runs = 0;
    const failing: KafkaProducer = {
      send: (sending) => {
        if (isBroken) throw new Error('broken');
        return producer.send(sending as Parameters<typeof producer.send>[0]);
      },
    };
    const replies = `${topic}.replies`;
    await createTopics(bootstrapBrokers, replies);
    await producer.send({ messages: [{ topic, value: Buffer.from(admissionOf('p1').bytes), headers: new Map([[Buffer.from('fhir-reply-topic'), Buffer.from(replies)]]) }], acks: -1, idempotent: true });
    await receive(() => void (runs += 1), { producer: failing, replyTargets: [replies], onError: (error) => void errors.push(error) });
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    expect(await committed()).toBe(0);
    isBroken = false;
    const read = await readBare(bootstrapBrokers, replies);
    opened.push(read);

    expect(JSON.parse(String((await read.next()).value))).toMatchObject({ type: 'message', entry: [{ resource: { response: { code: 'ok' } } }] });
    await expect.poll(() => committed()).toBe(1);
    expect(runs).toBe(1);
  });

  it('when its partitions go to another member, what runs gets its time and then its signal aborts; the other member has it, nothing was committed', async () => {
    const outcomes: string[] = [];
    const commits: number[] = [];
    let runs = 0;
    const counting: KafkaConsumerFactory = (settings) => {
      const consumer = consumerFactory(bootstrapBrokers, topic)(settings);
      const commit = consumer.commit.bind(consumer);
      consumer.commit = async (options) => {
        commits.push(options.offsets.length);
        await commit(options);
      };
      return consumer;
    };
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await publish(`of-${key}`, key);
    const first: Handler<typeof admit, undefined> = async ({ payload: { Patient }, signal }) => {
      runs += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      outcomes.push(`aborted ${Patient.id}`);
      signal.throwIfAborted();
    };
    await receive(first, { consumer: counting, closeWithinMs: 50 });
    await expect.poll(() => runs).toBe(3);
    const done = new Set<string>();
    const second = kafkaReceiver(receiverOf(({ payload: { Patient } }) => void done.add(Patient.id ?? '')), { topic, producer, consumer: consumerFactory(bootstrapBrokers, topic) });
    opened.push(second);
    await second.ready;

    await expect.poll(() => outcomes.length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => done.size).toBeGreaterThan(0);
    expect(commits).toEqual([]);
    await opened[0]?.close();
    await expect.poll(() => done.size).toBe(6);
    expect(commits).toEqual([]);
  });

  it('what ends in its time after its partition went elsewhere is committed by nobody but the one who has it now', async () => {
    const door = gate();
    const foreign: string[] = [];
    let runs = 0;
    const watching: KafkaConsumerFactory = (settings) => {
      const consumer = consumerFactory(bootstrapBrokers, topic)(settings);
      const commit = consumer.commit.bind(consumer);
      consumer.commit = async (options) => {
        const { assignments } = consumer as typeof consumer & { readonly assignments: readonly KafkaAssignment[] | null };
        const own = assignments?.flatMap(({ partitions }) => partitions) ?? [];
        foreign.push(...options.offsets.filter(({ partition }) => !own.includes(partition)).map(({ partition, offset }) => `${partition}: ${offset}`));
        await commit(options);
      };
      return consumer;
    };
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await publish(`of-${key}`, key);
    const first = await receive(
      async () => {
        runs += 1;
        await door.opened;
      },
      { consumer: watching },
    );
    await expect.poll(() => runs).toBe(3);
    const done = new Set<string>();
    await receive(({ payload: { Patient } }) => void done.add(Patient.id ?? ''));
    door.open();
    await expect.poll(() => done.size).toBeGreaterThan(0);
    await expect.poll(() => committed()).toBe(6);
    await first.close();

    expect(foreign).toEqual([]);
  });

  it('messages that were deleted before they were read are reported as a gap', async () => {
    const gaps: KafkaGap[] = [];
    for (const id of ['p1', 'p2', 'p3']) await publish(id, 'c');
    const seen: string[] = [];
    const handle: Handler<typeof admit, undefined> = ({ payload: { Patient } }) => void seen.push(Patient.id ?? '');
    const first = await receive(handle);
    await expect.poll(() => committed()).toBe(3);
    await first.close();
    for (const id of ['p4', 'p5', 'p6']) await publish(id, 'c');
    const admin = new Admin({ clientId: 'test', bootstrapBrokers });
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [0, 1, 2].map((partition) => ({ partition, offset: -1n })) }] });
    await admin.close();
    await publish('p7', 'c');
    await receive(handle, { onGap: (gap) => void gaps.push(gap) });

    await expect.poll(() => seen).toEqual(['p1', 'p2', 'p3', 'p7']);
    expect(gaps).toMatchObject([{ topic, offset: 3n, issues: [{ rule: 'broker.retention', diagnostics: '3 messages were deleted before they were read.' }] }]);
  });

  it('what a sender writes of attempts and waits into its headers counts for nothing', async () => {
    let runs = 0;
    const headers = new Map(Object.entries({ 'fhir-attempt': '99', 'fhir-not-before': '2999-01-01T00:00:00.000Z' }).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]));
    await producer.send({ messages: [{ topic, value: Buffer.from(admissionOf('p1').bytes), headers }], acks: -1, idempotent: true });
    await receive(() => ((runs += 1) < 2 ? { code: 'transient-error' } : undefined), { maxAttempts: 2 });
    await expect.poll(() => committed()).toBe(1);
    expect(runs).toBe(2);
  });

  it('in relaxed order, what is tried again is overtaken, and waits no shorter than it should', async () => {
    await createTopics(bootstrapBrokers, `${topic}.retry.700`);
    const done: [string, number][] = [];
    let firstAt = 0;
    for (const id of ['p1', 'p2', 'p3']) await publish(id, 'c');
    await receive(
      ({ payload: { Patient } }) => {
        if (Patient.id === 'p1' && firstAt === 0) {
          firstAt = Date.now();
          return { code: 'transient-error' };
        }
        done.push([Patient.id ?? '', Date.now()]);
        return undefined;
      },
      { order: 'relaxed', retryDelaysMs: [700] },
    );
    await expect.poll(() => done.map(([id]) => id)).toEqual(['p2', 'p3', 'p1']);
    expect((done[2]?.[1] ?? 0) - firstAt).toBeGreaterThanOrEqual(700);
  });
});

describe.skipIf(broker === '')('a transport on Kafka', () => {
  let producer: Producer;
  beforeAll(() => {
    producer = new Producer({ clientId: 'test', bootstrapBrokers });
  });
  afterAll(() => producer.close());
  const send = (transport: Transport, message = admissionOf('p1')): Promise<unknown> => createMessenger({ transport, retry: { maxAttempts: 1 } }).send(message);

  it('what the broker itself finds too large is refused: nothing arrived', async () => {
    const topic = `transport.${randomUUID()}`;
    await createTopics(bootstrapBrokers, topic);
    const text = 'x'.repeat(2_000_000);
    const large = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p1', text: { status: 'generated', div: text } } }, { source });
    await expect(send(kafkaTransport(producer, { topic, maxMessageBytes: 10_000_000 }), large)).rejects.toMatchObject({ code: 'input.limit', delivery: 'no' });
    await expect(send(kafkaTransport(producer, { topic }), large)).rejects.toMatchObject({ code: 'input.limit', delivery: 'no', message: expect.stringContaining('921600') });
  });

  it('a topic that is not there: nothing arrived', async () => {
    await expect(send(kafkaTransport(producer, { topic: `none.${randomUUID()}` }))).rejects.toMatchObject({ code: 'address.refused', delivery: 'no' });
  });

  it('a reply topic that is not there: nothing was sent, and the error says which', async () => {
    const topic = `transport.${randomUUID()}`;
    await createTopics(bootstrapBrokers, topic);
    const transport = kafkaTransport(producer, { topic, confirmTimeoutMs: 2000, replies: { topic: `${topic}.replies`, consumer: consumerFactory(bootstrapBrokers) } });
    const cause = expect.objectContaining({ message: `There is no such topic, or none that may be read, as one of ${topic}.replies: the group is joined again.` });
    await expect(send(transport)).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause });
    expect(await countRecords(bootstrapBrokers, topic)).toBe(0);
    await transport.close();
  });

  it('a broker that is not there: nothing arrived', async () => {
    const lost = new Producer({ clientId: 'test', bootstrapBrokers: ['127.0.0.1:1'], retries: 0 });
    await expect(send(kafkaTransport(lost, { topic: 'any' }))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no' });
    await lost.close();
  });

  it('a broker that does not confirm in time: nobody can tell', async () => {
    const silent: KafkaProducer = { send: () => new Promise(() => undefined) };
    await expect(send(kafkaTransport(silent, { topic: 'any', confirmTimeoutMs: 5 }))).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'unknown' });
  });
});
