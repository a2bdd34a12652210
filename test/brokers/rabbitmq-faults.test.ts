import { createMessage, createMessenger } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp1 from '@fhir-messaging/brokers/amqp-1-0';
import { createReceiver } from '@fhir-messaging/receiver';
import { createPostgresTables } from '@fhir-messaging/storage/postgres';
import { randomUUID } from 'node:crypto';
import { Connection as RabbitConnection } from 'rabbitmq-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seeded } from '../faults/seeded.ts';
import { admit } from '../storage/events.ts';
import { freshSchema } from '../storage/postgres-schema.ts';
import { startConsumer } from './consumers.ts';
import type { ConsumerProcess } from './consumers.ts';
import { connect as connect091 } from './rabbitmq-091.ts';
import { connect as connect10 } from './bare-amqp-1-0.ts';
import { startOwnRabbit } from './rabbitmq-server.ts';
import type { OwnRabbitServer } from './rabbitmq-server.ts';
import { record, seed, total } from './results.ts';

const database = inject('postgresUrl');
// Only a broker of our own can be killed: one that is elsewhere has the contract.
const broker = database === '' || process.env['FHIR_MESSAGING_RABBITMQ_URL'] !== undefined ? undefined : await startOwnRabbit();
if (broker === undefined) console.warn('\n*** SKIPPED: a RabbitMQ that is killed, since there is none of our own here, or no PostgreSQL.\n');

const senders = 8;
const kinds = ['consumer killed', 'connections closed', 'broker killed'] as const;
const faults = { 'consumer killed': 10, 'connections closed': 5, 'broker killed': 1 };

/** After how many replies each fault strikes; the seed settles it. */
const strikes = kinds.flatMap((kind) => Array.from({ length: faults[kind] }, (_, index) => ({ kind, after: Math.floor(total * (0.05 + 0.85 * seeded(seed, kind, index))) }))).sort((a, b) => a.after - b.after);

describe.skipIf(broker === undefined)('RabbitMQ, while it and those at both ends fail', () => {
  const { url } = broker ?? { url: '' };
  const server = (): OwnRabbitServer => broker!;
  let schema: Awaited<ReturnType<typeof freshSchema>>;
  beforeAll(async () => {
    schema = await freshSchema(database);
    await createPostgresTables(schema.pool);
  });
  afterAll(async () => {
    await schema.drop();
    await server().stop();
  });
  const countOf = async (what: string): Promise<number> => {
    const { rows } = await schema.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`);
    return rows[0]!.count;
  };

  it.each(['0-9-1', '1.0'])('AMQP %s: a consumer killed 10 times, connections closed 5 times, the broker killed and started again: one recorded outcome for each message, none lost', async (protocol) => {
    await schema.pool.query('drop table if exists effect, outside; create table effect (patient text not null, run text not null); create table outside (patient text not null, run text not null); delete from fhir_reliable_cache');
    const queue = `faults.${randomUUID()}`;
    const replyQueue = `fhir.replies.${randomUUID()}`;
    const administration = await connect091(url);
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [10] });
    await administration.queueDeclare({ queue: replyQueue, durable: true });

    const connection = await (protocol === '0-9-1' ? connect091(url) : connect10(url));
    const transport: Transport & { close(): Promise<void> } =
      connection instanceof RabbitConnection
        ? amqpTransport(connection, { to: queue, confirmTimeoutMs: 15_000 })
        : amqp1.amqpTransport(connection, { to: queue, addressOf: amqp1.rabbit3Address, replies: { queue: replyQueue }, confirmTimeoutMs: 15_000 });
    const start = (): Promise<ConsumerProcess> => startConsumer(protocol, url, queue, schema.url);
    const consumers = [await start(), await start()];

    const strike: Record<(typeof kinds)[number], () => Promise<void>> = {
      async 'consumer killed'() {
        await consumers.shift()?.kill();
        consumers.push(await start());
      },
      'connections closed': () => server().closeConnections(),
      async 'broker killed'() {
        await server().kill();
        await server().start();
      },
    };
    const struck: Record<string, number> = {};
    let striking = Promise.resolve();
    const replies = new Map<string, string>();
    const wrong: string[] = [];
    const left = [...strikes];
    let attempts = 0;
    const startedAt = performance.now();

    const sendShare = async (sender: number): Promise<void> => {
      const messenger = createMessenger({
        transport,
        source: 'https://app.example.org',
        timeoutMs: 20_000,
        retry: { maxAttempts: 1000, maxTotalMs: 600_000, whenDeliveryUnknown: 'always', initialDelayMs: 50, maxDelayMs: 500 },
        observe: ({ kind }) => void (kind === 'attempt' && (attempts += 1)),
      });
      for (let number = sender; number < total; number += senders) {
        const id = `p${number}`;
        const reply = await messenger.send(createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' }));
        const stored = reply.kind === 'ok' ? reply.message.graph.all('Patient')[0] : undefined;
        if (stored?.id !== id || replies.has(id)) wrong.push(`${id}: ${reply.kind}`);
        replies.set(id, stored?.identifier?.[0]?.value ?? '');
        while (left[0] !== undefined && left[0].after <= replies.size) {
          const { kind } = left.shift()!;
          striking = striking.then(strike[kind]).then(() => void (struck[kind] = (struck[kind] ?? 0) + 1));
        }
        // Where messages are faster than a restart, those after the middle wait for what is under way.
        if (replies.size > total / 2) await striking;
      }
    };
    await Promise.all(Array.from({ length: senders }, (_, sender) => sendShare(sender)));
    await striking;
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;

    const { rows } = await schema.pool.query<{ patient: string; run: string }>('select patient, run from effect');
    const outside = await countOf('outside');
    const outcomes = await countOf('fhir_reliable_cache where status = 200');
    const { messageCount: deadLetters } = await administration.queueDeclare({ queue: `${queue}.dead`, passive: true });
    await Promise.all(consumers.map((consumer) => consumer.kill()));
    await transport.close();
    await connection.close();
    await administration.close();

    expect(wrong).toEqual([]);
    expect(struck).toEqual(faults);
    expect(rows).toHaveLength(total);
    expect(new Map(rows.map(({ patient, run }) => [patient, run]))).toEqual(replies);
    expect(outcomes).toBe(total);
    expect(deadLetters).toBe(0);
    record(`RabbitMQ, AMQP ${protocol}`, { messages: total, senders, consumers: 2, ...struck, attempts, outcomes, effects: rows.length, lost: total - replies.size, wrongReplies: wrong.length, deadLetters, handlerRunsOutsideOfTheTransaction: outside, seconds });
  });

  it('quorum: messages whose wait for their next attempt ends while their queue is away, as in an election, come to that attempt, every one', async () => {
    const queue = `away.${randomUUID()}`;
    const connection = await connect091(url);
    await declareQueues(connection, { queue, retryDelaysMs: [2000] });
    const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const begun: string[] = [];
    const handled = new Set<string>();
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, ({ payload: { Patient } }) => {
      if (begun.push(Patient.id ?? '') <= ids.length) return { code: 'transient-error' };
      handled.add(Patient.id ?? '');
      return undefined;
    });
    const receiving = amqpReceiver(connection, receiver, { queue, retryDelaysMs: [2000] });
    const transport = amqpTransport(connection, { to: queue, replyQueue: false });
    const messenger = createMessenger({ transport });
    await Promise.all(ids.map((id) => messenger.send(createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' }))));
    const countOfWaiting = async (): Promise<number> => (await connection.queueDeclare({ queue: `${queue}.retry.2000`, passive: true })).messageCount;
    await expect.poll(countOfWaiting).toBe(ids.length);
    await server().stopQueue(queue);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect([...handled]).toEqual([]);
    await server().startQueue(queue);

    await expect.poll(() => handled.size).toBe(ids.length);
    await receiving.close();
    await transport.close();
    await connection.close();
  });

  it.each(['0-9-1', '1.0'])('AMQP %s: a broker that confirms nothing is a transport.timeout of our own, and the message may have arrived', async (protocol) => {
    const queue = `silent.${randomUUID()}`;
    const administration = await connect091(url);
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [10] });
    const connection = await (protocol === '0-9-1' ? connect091(url) : connect10(url));
    const transport =
      connection instanceof RabbitConnection
        ? amqpTransport(connection, { to: queue, replyQueue: false, confirmTimeoutMs: 300 })
        : amqp1.amqpTransport(connection, { to: queue, addressOf: amqp1.rabbit3Address, replies: false, confirmTimeoutMs: 300 });
    const messenger = createMessenger({ transport, retry: { maxAttempts: 1 } });
    const message = (): Message => createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p' } }, { source: 'https://app.example.org' });
    expect((await messenger.send(message())).kind).toBe('accepted');
    server().pause();
    try {
      await expect(messenger.send(message())).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'unknown' });
    } finally {
      server().resume();
    }
    await transport.close();
    await connection.close();
    await administration.close();
  });

  it.each(['0-9-1', '1.0'])('AMQP %s: a broker that answers nothing keeps nobody from closing, neither a transport nor a receiver', async (protocol) => {
    const queue = `mute.${randomUUID()}`;
    const administration = await connect091(url);
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [10] });
    await administration.queueDeclare({ queue: `${queue}.replies`, durable: true });
    const connection = await (protocol === '0-9-1' ? connect091(url) : connect10(url));
    const handled: string[] = [];
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, ({ payload }) => void handled.push(payload.Patient.id ?? ''));
    const limits = { confirmTimeoutMs: 100, closeWithinMs: 100 };
    const [transport, receiving] =
      connection instanceof RabbitConnection
        ? [amqpTransport(connection, { ...limits, to: queue, replyQueue: `${queue}.replies.own` }), amqpReceiver(connection, receiver, { ...limits, queue, replyTargets: ['mute.*'] })]
        : [
            amqp1.amqpTransport(connection, { ...limits, to: queue, addressOf: amqp1.rabbit3Address, replies: { queue: `${queue}.replies` } }),
            amqp1.amqpReceiver(connection, receiver, { ...limits, queue, addressOf: amqp1.rabbit3Address, replyTargets: [amqp1.rabbit3Address(`${queue}.replies`)] }),
          ];
    const reply = await createMessenger({ transport, source: 'https://app.example.org' }).send(createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p' } }, { source: 'https://app.example.org' }));
    expect(reply.kind).toBe('ok');
    server().pause();
    try {
      await transport.close();
      await receiving.close();
    } finally {
      server().resume();
    }
    expect(handled).toEqual(['p']);
    if (connection instanceof RabbitConnection) connection.unsafeDestroy();
    else connection.close();
    await administration.close();
  }, 30_000);

  it('AMQP 0-9-1: a handler that hangs while connections are closed holds up its own key, and no other; each message is handled once', async () => {
    const queue = `hung.${randomUUID()}`;
    const connection = await connect091(url);
    await declareQueues(connection, { queue, type: 'classic', retryDelaysMs: [10], singleActiveConsumer: true });
    const begun: string[] = [];
    const handled: string[] = [];
    let go = (): void => undefined;
    const hung = new Promise<void>((resolve) => (go = resolve));
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, async ({ payload }) => {
      const family = payload.Patient.name?.[0]?.family ?? '';
      begun.push(family);
      if (family === 'First') await hung;
      handled.push(family);
    });
    const receiving = amqpReceiver(connection, receiver, { queue, order: 'strict' });
    const transport = amqpTransport(connection, { to: queue, replyQueue: false, orderingSecret: 'a secret of sixteen bytes', orderBy: ({ graph }) => graph.focus[0]?.id });
    const messenger = createMessenger({ transport, retry: { whenDeliveryUnknown: 'always' } });
    const send = (id: string, family: string) => messenger.send(createMessage(admit, { Patient: { resourceType: 'Patient', id, name: [{ family }] } }, { source: 'https://app.example.org' }));
    await send('p1', 'First');
    await expect.poll(() => begun).toEqual(['First']);
    const back = new Promise<void>((resolve) => void connection.once('connection', resolve));
    await server().closeConnections();
    await back;
    await send('p1', 'Second');
    await send('p2', 'Other');

    await expect.poll(() => handled).toEqual(['Other']);
    go();
    await expect.poll(() => handled).toEqual(['Other', 'First', 'Second']);
    await receiving.close();
    expect(begun).toEqual(['First', 'Other', 'Second']);
    await transport.close();
    await connection.close();
  });
});
