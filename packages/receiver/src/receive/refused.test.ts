import { createMessage, createReply, defineEvent, readMessage } from '@fhir-messaging/core';
import type { Issue, Message } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../cache/memory-cache.ts';
import { createReceiver } from '../create-receiver.ts';
import { codes, counting, messageOf, payload, replyOf, source } from '../../test/admissions.ts';
import type { Changes } from '../../test/admissions.ts';

describe('receiver.process: what is refused', () => {
  it.each([
    ['text that is no JSON', '{"resourceType": "Bundle", ', 400, ['structure json.invalid']],
    ['bytes that are no UTF-8', new Uint8Array([0xff]), 400, expect.anything()],
    ['nothing', '', 400, ['structure json.invalid']],
    ['JSON that is no Bundle', '{"resourceType":"Patient"}', 400, ['structure bundle.resource']],
    ['a Bundle without a MessageHeader', '{"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"Patient"}}]}', 400, expect.arrayContaining(['invariant bdl-12'])],
  ])('400: %s', async (_, input, status, expected) => {
    const { receiver, runs } = counting();
    const result = await receiver.process(input);

    expect(result).toMatchObject({ status, bundle: undefined, bytes: undefined });
    expect(codes(result)).toEqual(expected);
    expect(runs()).toBe(0);
  });

  it('413: more entries, or bytes, than the limits allow', async () => {
    const { receiver } = counting();

    expect(await receiver.process(messageOf().bytes, { limits: { maxEntries: 1 } })).toMatchObject({ status: 413, issues: [{ code: 'too-long' }] });
    expect(await receiver.process(messageOf().bytes, { limits: { maxBytes: 10 } })).toMatchObject({ status: 413, issues: [{ code: 'too-long' }] });
  });

  it('400, never in a reply message: what the caller itself has against it, before its ids are looked up', async () => {
    const { receiver, runs } = counting();
    const seen: unknown[] = [];
    const check = (bundle: object): readonly Issue[] => (seen.push(bundle), [{ severity: 'error', code: 'conflict', rule: 'own.rule' }]);
    const message = messageOf();
    const result = await receiver.process(message.bytes, { check, errors: 'message' });

    expect(result).toMatchObject({ status: 400, bytes: undefined });
    expect(codes(result)).toEqual(['conflict own.rule']);
    expect(seen).toEqual([message.bundle]);
    expect(runs()).toBe(0);
    expect(await receiver.process(message.bytes, { check: () => [{ severity: 'warning', code: 'informational' }] })).toMatchObject({ status: 200 });
    expect(runs()).toBe(1);
  });

  it('400: no id at all, which is never taken for an id', async () => {
    const { receiver, runs } = counting();
    const [first, ...rest] = messageOf().bundle.entry ?? [];
    const header = { fullUrl: 'https://app.example.org/MessageHeader/1', resource: { ...first?.resource, id: undefined } };
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'message', entry: [header, ...rest] });

    for (let time = 1; time <= 2; time += 1) {
      const result = await receiver.process(bundle);
      expect(result.status).toBe(400);
      expect(codes(result)).toContain('required identity.message');
    }
    expect(runs()).toBe(0);
  });

  const withoutQuotable = (ids: { readonly header: string | undefined; readonly bundle?: string; readonly identifier?: string }, extension?: object): object => {
    const { bundle } = messageOf();
    const [first, ...rest] = bundle.entry ?? [];
    const identifier = ids.identifier === undefined ? {} : { identifier: { value: ids.identifier } };
    const header = { fullUrl: 'https://app.example.org/MessageHeader/1', resource: { ...first?.resource, id: ids.header, ...extension } };
    return { ...bundle, id: ids.bundle, ...identifier, entry: [header, ...rest] };
  };

  it.each([
    ['an underscore', { header: 'REF_2024_001' }],
    ['65 characters', { header: 'x'.repeat(65), bundle: 'y'.repeat(65) }],
    ['a Bundle.identifier alone, with a slash', { header: undefined, identifier: 'REF/2024/1' }],
  ])('400 identity.format: ids that no R4 reply could quote (%s), before the handler runs, as often as it comes; async too', async (_, ids) => {
    const cache = memoryCache();
    const fetch = vi.fn();
    const { receiver, runs } = counting({ cache, replyTo: { origins: () => ['https://app.example.org'], fetch, allowVolatileCustody: true } });
    await receiver.resume();

    for (const async of [false, true, false]) {
      const result = await receiver.process(withoutQuotable(ids), { async });
      expect([result.status, codes(result)]).toEqual([400, ['value identity.format']]);
    }
    expect([runs(), await cache.unfinished(), fetch.mock.calls]).toEqual([0, [], []]);
    await receiver.close();
  });

  it('an id that cannot be quoted is taken beside one that can, where no reply is wanted, and in R5, which quotes an Identifier', async () => {
    const { receiver, runs } = counting();
    const never = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] };
    const inR5 = messageOf({ release: 'R5' });
    const { bundle } = inR5;

    expect(replyOf(await receiver.process(withoutQuotable({ header: 'REF_1', bundle: 'b-1' }))).message.graph.header?.response?.identifier).toBe('b-1');
    expect(await receiver.process(withoutQuotable({ header: 'REF_2' }, never))).toMatchObject({ status: 204 });
    const answer = await receiver.process({ ...bundle, identifier: { system: 'urn:x', value: 'REF/2024/1' } });
    expect(answer.bundle?.entry?.[0]?.resource).toMatchObject({ response: { identifier: { system: 'urn:x', value: 'REF/2024/1' } } });
    expect(runs()).toBe(3);
  });

  it('422 receiver.source: a message in R4 where the source has no endpoint, which is 1..1 there, and not one in R5', async () => {
    const { receiver, runs } = counting({ source: { name: 'Ward' } });
    const result = await receiver.process(messageOf().bytes);

    expect([result.status, codes(result), runs()]).toEqual([422, ['not-supported receiver.source'], 0]);
    expect(await receiver.process(messageOf({ release: 'R5' }).bytes)).toMatchObject({ status: 200, responseCode: 'ok' });
  });

  it('422: an event that nobody handles, naming those that somebody does', async () => {
    const other = defineEvent({ uri: 'https://example.org/discharge', category: 'notification', focus: ['Patient'], payload });
    const message = createMessage(other, { Patient: { resourceType: 'Patient' } }, { source });
    const result = await counting().receiver.process(message.bytes);

    expect(result.status).toBe(422);
    expect(codes(result)).toEqual(['not-supported receiver.event']);
    expect(result.issues[0]?.diagnostics).toBe('Nobody handles the event of this message. Handled here: admit.');
    expect((await createReceiver({ source }).process(message.bytes)).issues[0]?.diagnostics).toContain('none');
  });

  it('422, never a message: a response, also one whose event is handled', async () => {
    const { receiver, runs } = counting();
    const result = await receiver.process(createReply(messageOf(), { source }).bytes);

    expect(result).toMatchObject({ status: 422, bundle: undefined });
    expect(codes(result)).toEqual(['not-supported receiver.reply']);
    expect(runs()).toBe(0);
  });
});

describe('receiver.process: content against its contract', () => {
  const broken = (ids: Changes = {}): Message => {
    const message = messageOf({ headerId: 'h1', bundleId: 'b1', ...ids });
    const bundle = structuredClone(message.bundle);
    bundle.entry!.push({ fullUrl: 'urn:uuid:0c4b4d2a-6b1f-4c1c-9a53-0f3f0d0f0f0f', resource: { resourceType: 'Device' } });
    return readMessage(bundle);
  };

  it("http: 422 with the contract's issues", async () => {
    const { receiver, runs } = counting();
    const result = await receiver.process(broken().bytes);

    expect(result).toMatchObject({ status: 422, bundle: undefined });
    expect(codes(result)).toContain('not-supported payload.type');
    expect(runs()).toBe(0);
  });

  it('message: a fatal-error reply with the same issues', async () => {
    const request = broken();
    const result = await counting({ contentErrors: 'message' }).receiver.process(request.bytes);

    expect(result.status).toBe(200);
    expect(codes(result)).toContain('not-supported payload.type');
    expect(replyOf(result, request)).toMatchObject({ code: 'fatal-error' });
  });

  it('message: 422 all the same where the sender wants no reply message', async () => {
    const request = broken({ header: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] } });

    expect(await counting({ contentErrors: 'message' }).receiver.process(request.bytes)).toMatchObject({ status: 422, bundle: undefined });
  });

  it.each(['http', 'message'] as const)('%s: nothing invalid claims an id: the ids are good for the corrected message', async (contentErrors) => {
    const { receiver, runs } = counting({ contentErrors });
    await receiver.process(broken().bytes);

    expect((await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('a known id with such content is refused for the id', async () => {
    const { receiver } = counting();
    await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes);

    expect(await receiver.process(broken().bytes)).toMatchObject({ status: 409 });
  });
});
