import { createMessenger } from '@fhir-messaging/core';
import type { Message, Reply, ReliableCache } from '@fhir-messaging/core';
import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp1 from '@fhir-messaging/brokers/amqp-1-0';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { readFile } from 'node:fs/promises';
import { Connection } from 'rabbitmq-client';
import type { Connection as RheaConnection } from 'rhea';
import { describe, expect, inject, it } from 'vitest';
import { admission, admit } from '../storage/events.ts';
import { connect as connect091 } from './rabbitmq-091.ts';
import { connect as connect10 } from './bare-amqp-1-0.ts';

const url = inject('rabbitUrl');

async function by091(cache: ReliableCache, orderingSecret: string, message: Message, log: (error: unknown) => void): Promise<Pick<Reply, 'kind'>> {
// README-START 0-9-1
const connection = new Connection(url);
connection.on('error', log);
await declareQueues(connection, { queue: 'admissions', singleActiveConsumer: true });
const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache }).on(admit, ({ payload }) => ({ focus: [payload.Patient] }));
const receiving = amqpReceiver(connection, receiver, { queue: 'admissions', order: 'strict', replyTargets: ['fhir.replies.*'] });

const transport = amqpTransport(connection, { to: 'admissions', orderingSecret });
const reply = await createMessenger({ transport }).send(message);
// README-END
  await transport.close();
  await receiving.close();
  await connection.close();
  return reply;
}

async function by10(connection: RheaConnection, receiver: Receiver, message: Message): Promise<Pick<Reply, 'kind'>> {
  const { amqpReceiver, amqpTransport, rabbit3Address } = amqp1;
// README-START 1.0
const receiving = amqpReceiver(connection, receiver, {
  queue: 'admissions',
  addressOf: rabbit3Address,
  retryQueue: (delayMs) => `admissions.retry.${delayMs}`,
  replyTargets: [rabbit3Address('admissions.replies')],
});
const transport = amqpTransport(connection, { to: 'admissions', addressOf: rabbit3Address, replies: { queue: 'admissions.replies' } });
// README-END
  const reply = await createMessenger({ transport }).send(message);
  await transport.close();
  await receiving.close();
  return reply;
}

describe("the README's examples on AMQP", () => {
  it.each(['0-9-1', '1.0'])('%s: is the code that this test runs, to the letter', async (protocol) => {
    const [readme, own] = await Promise.all(['../../packages/brokers/README.md', './amqp-readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const code = own?.split(`// README-START ${protocol}\n`)[1]?.split('// README-END')[0] ?? '';
    expect(code).not.toBe('');
    expect(readme).toContain(`\n\n${code}\`\`\``);
  });

  it.skipIf(url === '')('AMQP 0-9-1 sends an admission, has it handled, and gives the reply', async () => {
    expect((await by091(memoryCache(), 'a secret of sixteen bytes', admission(), () => undefined)).kind).toBe('ok');
  });

  it.skipIf(url === '')('AMQP 1.0 does so on the same queues', async () => {
    const administration = await connect091(url);
    await declareQueues(administration, { queue: 'admissions', singleActiveConsumer: true });
    await administration.queueDeclare({ queue: 'admissions.replies', durable: true });
    const connection = await connect10(url);
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir' }).on(admit, ({ payload }) => ({ focus: [payload.Patient] }));
    expect((await by10(connection, receiver, admission())).kind).toBe('ok');
    connection.close();
    await administration.close();
  });

  it.skipIf(url === '')('a message sent by AMQP 0-9-1 is received by AMQP 1.0, and agrees with its body', async () => {
    const administration = await connect091(url);
    await declareQueues(administration, { queue: 'crossing', type: 'classic' });
    const connection = await connect10(url);
    const handled: (string | undefined)[] = [];
    const errors: unknown[] = [];
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir' }).on(admit, ({ payload }) => void handled.push(payload.Patient.id));
    const receiving = amqp1.amqpReceiver(connection, receiver, { queue: 'crossing', addressOf: amqp1.rabbit3Address, onError: (error) => void errors.push(error) });
    const transport = amqpTransport(administration, { to: 'crossing', replyQueue: false });
    await createMessenger({ transport }).send(admission('p1'));
    await expect.poll(() => [...handled, ...errors]).toHaveLength(1);
    expect(handled).toEqual(['p1']);
    await transport.close();
    await receiving.close();
    connection.close();
    await administration.close();
  });
});
