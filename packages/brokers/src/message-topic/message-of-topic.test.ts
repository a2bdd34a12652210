import { readMessage } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { messageOfTopic } from './message-of-topic.ts';

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const at = { topic: 'patients', partition: 2, offset: 40n };

/** As IGUHealth's worker posts it: no ids, no fullUrl, no focus. */
const posted = {
  resourceType: 'Bundle',
  type: 'message',
  timestamp: '2025-06-01T10:00:00.000Z',
  entry: [
    { resource: { resourceType: 'MessageHeader', eventCoding: { system: 'https://iguhealth.app', code: 'subscription-message' }, source: { name: 'worker', endpoint: 'Subscription/s1' } } },
    { resource: { resourceType: 'Patient', id: 'p1' } },
    { resource: { resourceType: 'Patient', id: 'p2' } },
  ],
};

describe('messageOfTopic', () => {
  it('cuts what was posted out of {"input": …}, to the byte', async () => {
    const message = '{"resourceType":"Bundle","id":"b1","type":"message","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":1.10}}}]}';
    expect(decode(await messageOfTopic({ ...at, value: encode(`{"input":${message}}`) }))).toBe(message);
    expect(decode(await messageOfTopic({ ...at, value: encode(`{"other":1,"input":{"a":1}}`) }))).toBe('{"a":1}');
  });

  it('leaves a message as it is that was put on the topic without being wrapped, and has ids', async () => {
    const message = JSON.stringify({ ...posted, id: 'b1' }, undefined, 1);
    expect(decode(await messageOfTopic({ ...at, value: encode(message) }))).toBe(message);
  });

  it("leaves a message as it is that only its MessageHeader's urn names: resent, it is another record, and the same message", async () => {
    const message = JSON.stringify({ ...posted, entry: posted.entry.map((entry, index) => ({ fullUrl: `urn:uuid:5b0a3a0e-2f6b-4c56-8a7b-0a7f6a1f0c1${index}`, ...entry })) });
    expect(decode(await messageOfTopic({ ...at, value: encode(`{"input":${message}}`) }))).toBe(message);
    expect(readMessage(message).identity.message).toBe('urn:uuid:5b0a3a0e-2f6b-4c56-8a7b-0a7f6a1f0c10');
  });

  it("gives a Subscription's Bundle ids, fullUrls and a focus: with them it is a message", async () => {
    const { graph, identity } = readMessage(await messageOfTopic({ ...at, value: encode({ input: posted }) }));

    expect(identity.message).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(identity.envelope).not.toBe(identity.message);
    expect(graph.focus.map((resource) => resource?.id)).toEqual(['p1', 'p2']);
    expect(graph.header).toMatchObject({ source: { name: 'worker', endpoint: 'Subscription/s1' } });
    expect(new Set(graph.entries.map(({ fullUrl }) => fullUrl)).size).toBe(3);
  });

  it('makes ids of topic, partition and offset: the same of the same record, others of any other', async () => {
    const idAt = async (position: object): Promise<string | undefined> => readMessage(await messageOfTopic({ ...at, ...position, value: encode({ input: posted }) })).identity.message;
    const id = await idAt({});

    expect(await idAt({})).toBe(id);
    const others = await Promise.all([idAt({ topic: 'patients2' }), idAt({ partition: 3 }), idAt({ offset: 41n }), idAt({ partition: 24, offset: 0n })]);
    expect(new Set([id, ...others]).size).toBe(5);
  });

  it('keeps a focus and fullUrls that are there', async () => {
    const [header, ...others] = posted.entry;
    const entry = [{ resource: { ...header?.resource, focus: [{ reference: 'https://ehr.example.org/Patient/p2' }] } }, ...others.map(({ resource }) => ({ fullUrl: `https://ehr.example.org/Patient/${resource.id}`, resource }))];
    const { graph } = readMessage(await messageOfTopic({ ...at, value: encode({ ...posted, entry }) }));

    expect(graph.focus.map((resource) => resource?.id)).toEqual(['p2']);
    expect(graph.entries[1]?.fullUrl).toBe('https://ehr.example.org/Patient/p1');
  });

  it.each([['no JSON', '{"input":'], ['nothing', ''], ['another resource', '{"resourceType":"Patient"}'], ['a list', '[1]'], ['a Bundle without entries', '{"resourceType":"Bundle","type":"batch"}']])(
    'hands %s on as it is',
    async (_, text) => {
      expect(decode(await messageOfTopic({ ...at, value: encode(text) }))).toBe(text);
    },
  );

  it('hands a tombstone on as nothing', async () => {
    expect((await messageOfTopic(at)).byteLength).toBe(0);
  });
});
