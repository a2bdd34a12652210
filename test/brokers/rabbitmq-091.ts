import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { Connection } from 'rabbitmq-client';
import type { Envelope, AsyncMessage } from 'rabbitmq-client';
import { randomUUID } from 'node:crypto';
import type { BrokerUnderContract, RawMessage } from './broker-contract.ts';

const headers = ['id', 'type', 'source', 'time', 'subject', 'specversion', 'fhirdestination'].map((name) => `cloudEvents:${name}`);
const named = [...headers, 'fhir-bundle-id', 'fhir-response-code', 'fhir-ordering-key', 'traceparent', 'tracestate'];

/** The table of the package's README. */
const names: BrokerUnderContract['names'] = {
  contentType: 'contentType',
  messageId: 'messageId',
  envelopeId: 'header fhir-bundle-id',
  correlationId: 'correlationId',
  type: 'type',
  source: 'header cloudEvents:source',
  destination: 'header cloudEvents:fhirdestination',
  time: 'header cloudEvents:time',
  subject: 'header cloudEvents:subject',
  specVersion: 'header cloudEvents:specversion',
  responseCode: 'header fhir-response-code',
  replyTarget: 'replyTo',
  orderingKey: 'header fhir-ordering-key',
  traceparent: 'header traceparent',
};

/** RabbitMQ by AMQP 0-9-1. */
export async function rabbit091(url: string, type: 'quorum' | 'classic'): Promise<BrokerUnderContract> {
  const connection = await connect(url);
  return {
    names,
    async open() {
      const queue = `contract.${randomUUID()}`;
      await declareQueues(connection, { queue, type, retryDelaysMs: [1], singleActiveConsumer: true });
      const bare = connection.createPublisher({ confirm: true });
      return {
        transport: async ({ replies, ...choice }) => amqpTransport(connection, { to: queue, ...choice, ...(replies ? {} : { replyQueue: false }) }),
        receive: async (receiver, { mayReply = true, ...choice } = {}) => amqpReceiver(connection, receiver, { queue, retryDelaysMs: [1], replyTargets: mayReply ? ['fhir.replies.*'] : [], ...choice }),
        publish: ({ bytes, says }) => bare.send({ ...envelopeOf(says), routingKey: queue, durable: true }, Buffer.from(bytes)),
        take: async () => rawOf(await next(connection, queue)),
        async takeDead() {
          const message = await next(connection, `${queue}.dead`);
          return { ...rawOf(message), outcome: String(message.headers?.['fhir-error-outcome']) };
        },
        async count() {
          const { messageCount } = await connection.queueDeclare({ queue, passive: true });
          return messageCount;
        },
        async close() {
          await bare.close();
          for (const name of [queue, `${queue}.dead`, `${queue}.retry.1`]) await connection.queueDelete(name);
        },
      };
    },
    close: () => connection.close(),
  };
}

/** A connection whose errors end nothing: tests cut it. */
export async function connect(url: string): Promise<Connection> {
  const connection = new Connection({ url, retryLow: 100, retryHigh: 500 });
  connection.on('error', () => undefined);
  await connection.onConnect(10_000);
  return connection;
}

/** The next message of a queue, taken from it by a consumer: a quorum queue with a single active consumer gives nothing to a get. */
function next(connection: Connection, queue: string): Promise<AsyncMessage> {
  return new Promise((resolve, reject) => {
    const consumer = connection.createConsumer({ queue, concurrency: 1, qos: { prefetchCount: 1 }, queueOptions: { passive: true } }, (message) => {
      void consumer.close().then(() => resolve(message), reject);
    });
    consumer.on('error', reject);
  });
}

function envelopeOf(says: RawMessage['says']): Envelope {
  const entries = Object.entries(says);
  const own = entries.filter(([name]) => name.startsWith('header ')).map(([name, value]) => [name.slice('header '.length), value]);
  return { ...Object.fromEntries(entries.filter(([name]) => !name.startsWith('header '))), headers: Object.fromEntries(own) };
}

function rawOf(message: AsyncMessage): RawMessage {
  const { contentType, messageId, correlationId, type, replyTo } = message;
  const own = named.map((name) => [`header ${name}`, message.headers?.[name]]);
  return { bytes: new Uint8Array(message.body), says: { contentType, messageId, correlationId, type, replyTo, ...Object.fromEntries(own) } };
}
