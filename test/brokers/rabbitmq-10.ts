import { declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { amqpReceiver, amqpTransport, rabbit3Address } from '@fhir-messaging/brokers/amqp-1-0';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import rhea from 'rhea';
import type { Connection, EventContext, Message } from 'rhea';
import type { BrokerUnderContract, RawMessage } from './broker-contract.ts';
import { connect as connect091 } from './rabbitmq-091.ts';

const fields = ['content_type', 'message_id', 'correlation_id', 'reply_to', 'group_id'] as const;

/** The table of the package's README. */
const names: BrokerUnderContract['names'] = {
  contentType: 'content_type',
  messageId: 'message_id',
  envelopeId: 'application property fhir-bundle-id',
  correlationId: 'correlation_id',
  type: 'application property cloudEvents:type',
  source: 'application property cloudEvents:source',
  destination: 'application property cloudEvents:fhirdestination',
  time: 'application property cloudEvents:time',
  subject: 'application property cloudEvents:subject',
  specVersion: 'application property cloudEvents:specversion',
  responseCode: 'application property fhir-response-code',
  replyTarget: 'reply_to',
  orderingKey: 'group_id',
  traceparent: 'application property traceparent',
};

const prefix = 'application property ';

/** RabbitMQ 3 by AMQP 1.0, its plugin; queues are declared by AMQP 0-9-1, since AMQP 1.0 declares none. */
export async function rabbit10(url: string): Promise<BrokerUnderContract> {
  const administration = await connect091(url);
  const connection = await connect(url);
  return {
    names,
    async open() {
      const queue = `contract.${randomUUID()}`;
      await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [1], singleActiveConsumer: true });
      const replyQueues: string[] = [];
      return {
        async transport({ replies, ...choice }) {
          const replyQueue = `fhir.replies.${randomUUID()}`;
          await administration.queueDeclare({ queue: replyQueue, durable: true });
          replyQueues.push(replyQueue);
          return amqpTransport(connection, { to: queue, addressOf: rabbit3Address, ...choice, replies: replies && { queue: replyQueue } });
        },
        receive: async (receiver, { mayReply = true, ...choice } = {}) =>
          amqpReceiver(connection, receiver, {
            queue,
            addressOf: rabbit3Address,
            retryDelaysMs: [1],
            retryQueue: (delayMs) => `${queue}.retry.${delayMs}`,
            replyTargets: mayReply ? [rabbit3Address('fhir.replies.*').replace('%2A', '*')] : [],
            ...choice,
          }),
        publish: (message) => send(connection, queue, message),
        take: async () => rawOf(await next(connection, queue)),
        async takeDead() {
          const message = await next(connection, `${queue}.dead`);
          return { ...rawOf(message), outcome: String(message.application_properties?.['fhir-error-outcome']) };
        },
        async count() {
          const { messageCount } = await administration.queueDeclare({ queue, passive: true });
          return messageCount;
        },
        async close() {
          for (const name of [queue, `${queue}.dead`, `${queue}.retry.1`, ...replyQueues]) await administration.queueDelete(name);
        },
      };
    },
    async close() {
      const gone = Promise.race([once(connection, 'connection_close'), once(connection, 'disconnected')]);
      connection.close();
      await gone;
      await administration.close();
    },
  };
}

/** A connection that is made again when it is lost, quickly. */
export async function connect(url: string): Promise<Connection> {
  const { hostname, port, username, password } = new URL(url);
  const container = rhea.create_container();
  const connection = container.connect({ host: hostname, port: Number(port), username, password, initial_reconnect_delay: 100, max_reconnect_delay: 500 });
  for (const name of ['disconnected', 'connection_error', 'connection_close']) connection.on(name, () => undefined);
  await once(connection, 'connection_open');
  return connection;
}

async function send(connection: Connection, queue: string, { bytes, says }: RawMessage): Promise<void> {
  const entries = Object.entries(says);
  const own = entries.filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]);
  const properties = Object.fromEntries(entries.filter(([name]) => !name.startsWith(prefix)));
  const sender = connection.open_sender({ target: { address: rabbit3Address(queue) } });
  await once(sender, 'sendable');
  sender.send({ ...properties, durable: true, application_properties: Object.fromEntries(own), body: rhea.message.data_section(Buffer.from(bytes)) });
  await once(sender, 'accepted');
  sender.close();
}

/** The next message of a queue, taken from it. RabbitMQ 3 cuts the connection where a queue goes that a session receives from: so the session is over first. */
async function next(connection: Connection, queue: string): Promise<Message> {
  const session = connection.create_session();
  session.begin();
  const receiver = session.open_receiver({ source: { address: rabbit3Address(queue) }, credit_window: 0, autoaccept: false });
  receiver.add_credit(1);
  const [{ message, delivery }] = (await once(receiver, 'message')) as [EventContext];
  delivery!.accept();
  session.close();
  // RabbitMQ 3 does not always say that one is over.
  await Promise.race([once(session, 'session_close'), setTimeout(1000)]);
  return message!;
}

function rawOf(message: Message): RawMessage {
  const properties: Record<string, string | undefined> = message.application_properties ?? {};
  return {
    bytes: new Uint8Array(message.body.content as Buffer),
    says: Object.fromEntries([...fields.map((name) => [name, message[name]?.toString()] as const), ...Object.entries(properties).map(([name, value]) => [`${prefix}${name}`, value] as const)]),
  };
}
