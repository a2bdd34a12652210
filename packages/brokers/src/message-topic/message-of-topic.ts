import { firstIn, member, textIn } from '../mapping/json.ts';
import { readTopicInput } from './read-topic-input.ts';

/** A record's position, which no other record ever has. */
export interface TopicPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint | number;
}

/** A record of a topic. */
export interface TopicRecord extends TopicPosition {
  readonly value?: Uint8Array | undefined;
}

/**
 * The message in a record that a FHIR server put on a topic, as a receiver takes it: the value inside `{"input": …}`; unchanged where that has ids, or a
 * `urn:` as the `fullUrl` of its MessageHeader.
 *
 * A Subscription posts Bundles without any: the Bundle, its MessageHeader, and every entry without a `fullUrl`, get UUIDs made from topic, partition and
 * offset, the same each time that the record is read; a MessageHeader without a `focus` gets one on the entries that it came with. The same change
 * posted twice is two records, and two messages.
 *
 * A value that is no message is handed on as it is, for the receiver to refuse.
 *
 * @example kafkaReceiver(receiver, { topic, producer, consumer, read: messageOfTopic })
 */
export async function messageOfTopic(record: TopicRecord): Promise<Uint8Array<ArrayBuffer>> {
  const raw = Uint8Array.from(record.value ?? []);
  const input = readTopicInput(raw);
  if (input === undefined) {
    return raw;
  }
  const { value: bundle } = input;
  const isMessage = member(bundle, 'resourceType') === 'Bundle' && member(bundle, 'type') === 'message';
  return isMessage && isBare(bundle) ? new TextEncoder().encode(JSON.stringify(await withIds(bundle, record))) : input.bytes;
}

/** Whether a Bundle has no name. A `urn:` of its header is one: records in which it comes again are then one message. */
function isBare(bundle: unknown): boolean {
  const header = firstIn(bundle, 'entry');
  const names = [textIn(bundle, 'id'), textIn(member(bundle, 'identifier'), 'value'), textIn(member(header, 'resource'), 'id')];
  return names.every((name) => name === undefined) && textIn(header, 'fullUrl')?.startsWith('urn:') !== true;
}

async function withIds(bundle: unknown, position: TopicPosition): Promise<object> {
  const entries = entriesOf(bundle);
  const ids = await Promise.all([bundle, ...entries].map((_, index) => uuidOf(position, index)));
  const fullUrls = entries.map((entry, index) => textIn(entry, 'fullUrl') ?? `urn:uuid:${ids[index + 1] ?? ''}`);
  const named = entries.map((entry, index) => ({ fullUrl: fullUrls[index], ...asObject(entry) }));
  const header = asObject(member(entries[0], 'resource'));
  const focus = fullUrls.slice(1).map((reference) => ({ reference }));
  const first = { ...named[0], resource: { ...header, id: ids[1], ...(header['focus'] === undefined && focus.length > 0 && { focus }) } };
  return { ...asObject(bundle), id: ids[0], entry: [first, ...named.slice(1)] };
}

/** A UUID (version 8: made by a rule of one's own, RFC 9562) of a place in a record. */
async function uuidOf({ topic, partition, offset }: TopicPosition, index: number): Promise<string> {
  const name = new TextEncoder().encode(JSON.stringify([topic, partition, String(offset), index]));
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', name)).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function entriesOf(bundle: unknown): readonly unknown[] {
  const entry = member(bundle, 'entry');
  return Array.isArray(entry) ? entry : [];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
