import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import rhea from 'rhea';
import type { Connection, EventContext, Message } from 'rhea';
import type { BrokerUnderContract, RawMessage } from './broker-contract.ts';

const fields = ['content_type', 'message_id', 'correlation_id', 'reply_to', 'group_id'] as const;

/** The table of the package's README. */
export const names: BrokerUnderContract['names'] = {
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

/** A connection that is made again when it is lost, quickly. */
export async function connect(url: string): Promise<Connection> {
  const { hostname, port, username, password } = new URL(url);
  const container = rhea.create_container();
  const connection = container.connect({ host: hostname, port: Number(port), username, password, initial_reconnect_delay: 100, max_reconnect_delay: 500 });
  for (const name of ['disconnected', 'connection_error', 'connection_close']) connection.on(name, () => undefined);
  await once(connection, 'connection_open');
  return connection;
}

/** Closes a connection for good. */
export async function closed(connection: Connection): Promise<void> {
  const gone = Promise.race([once(connection, 'connection_close'), once(connection, 'disconnected')]);
  connection.close();
  await gone;
}

/** Sends a message with the bare client. */
export async function send(connection: Connection, address: string, { bytes, says }: RawMessage): Promise<void> {
  const entries = Object.entries(says);
  const own = entries.filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]);
  const properties = Object.fromEntries(entries.filter(([name]) => !name.startsWith(prefix)));
  const sender = connection.open_sender({ target: { address } });
  await once(sender, 'sendable');
  sender.send({ ...properties, durable: true, application_properties: Object.fromEntries(own), body: rhea.message.data_section(Buffer.from(bytes)) });
  await once(sender, 'accepted');
  sender.close();
}

/** The next message at an address, taken from it. RabbitMQ 3 cuts the connection where a queue goes that a session receives from: so the session is over first. */
export async function next(connection: Connection, address: string): Promise<Message> {
  const session = connection.create_session();
  session.begin();
  const receiver = session.open_receiver({ source: { address }, credit_window: 0, autoaccept: false });
  receiver.add_credit(1);
  const [{ message, delivery }] = (await once(receiver, 'message')) as [EventContext];
  delivery!.accept();
  session.close();
  // RabbitMQ 3 does not always say that one is over.
  await Promise.race([once(session, 'session_close'), setTimeout(1000)]);
  return message!;
}

/** A message as the contract sees it. */
export function rawOf(message: Message): RawMessage {
  const properties: Record<string, string | undefined> = message.application_properties ?? {};
  return {
    bytes: new Uint8Array(message.body.content as Buffer),
    says: Object.fromEntries([...fields.map((name) => [name, message[name]?.toString()] as const), ...Object.entries(properties).map(([name, value]) => [`${prefix}${name}`, value] as const)]),
  };
}
