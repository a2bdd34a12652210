import type { ReliableCache } from '@fhir-messaging/core';
import { createMessenger } from '@fhir-messaging/core';
import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import { Consumer, Producer } from '@platformatic/kafka';
import { readFile } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { admission, admit } from '../storage/events.ts';
import { createTopics } from './kafka/topics.ts';

const broker = inject('kafkaBroker');

async function run(clientId: string, bootstrapBrokers: string[], cache: ReliableCache, orderingSecret: string, message: ReturnType<typeof admission>) {
// README-START
const producer = new Producer({ clientId, bootstrapBrokers });
const times = { sessionTimeout: 6000, heartbeatInterval: 1000, heartbeatStallTimeout: 6000 };
const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache }).on(admit, ({ payload }) => ({ focus: [payload.Patient] }));
const receiving = kafkaReceiver(receiver, {
  topic: 'admissions',
  producer,
  consumer: (settings) => new Consumer({ ...settings, clientId, groupId: 'ward', bootstrapBrokers, ...times }),
  replyTargets: ['admissions.replies'],
});

const transport = kafkaTransport(producer, {
  topic: 'admissions',
  replies: { topic: 'admissions.replies', consumer: (settings) => new Consumer({ ...settings, clientId, bootstrapBrokers }) },
  orderingSecret,
});
const reply = await createMessenger({ transport }).send(message);
// README-END
  await transport.close();
  await receiving.close();
  await producer.close();
  return reply;
}

describe("the README's example on Kafka", () => {
  it('is the code that this test runs, to the letter', async () => {
    const [readme, own] = await Promise.all(['../../packages/brokers/README.md', './kafka-readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const code = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';
    expect(code).not.toBe('');
    expect(readme).toContain(`\n\n${code}\`\`\``);
  });

  it.skipIf(broker === '')('sends an admission, has it handled, and gives the reply', async () => {
    await createTopics([broker], 'admissions', 'admissions.dead', 'admissions.replies');
    const reply = await run('readme', [broker], memoryCache(), 'a secret of sixteen bytes', admission());
    expect(reply.kind).toBe('ok');
  });
});
