import { runInNewContext } from 'node:vm';
import { bars, createMessage, createReply, defineEvent, readReply } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { createReceiver } from './index.ts';
import type { ProcessResult, Receiver, ReceiverOptions } from './index.ts';

const source = 'https://app.example.org';
const eventNamed = (code: string) => defineEvent({ coding: { system: 'https://example.org/events', code }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const [admit, refuse, fail, unknown] = [eventNamed('admit'), eventNamed('refuse'), eventNamed('fail'), eventNamed('unknown')];
const messageOf = (event: typeof admit, extension?: string): Message =>
  createMessage(event, { Patient: { resourceType: 'Patient' } }, { source, header: extension === undefined ? {} : { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: extension }] } });

const receiverWith = (options: Partial<ReceiverOptions> = {}): Receiver =>
  createReceiver({ source: 'https://ward.example.org', ...options })
    .on(admit, () => undefined)
    .on(refuse, () => ({ code: 'fatal-error' }))
    .on(fail, () => {
      throw new Error('inside');
    });
const told = ({ status, bytes, issues }: ProcessResult, request: Message): unknown => ({
  status,
  code: bytes && readReply(bytes, { request }).code,
  issue: issues[0]?.code,
});

describe("receiver.process with errors: 'message', for ways that have no status", () => {
  it.each([
    ['an event that nobody handles', messageOf(unknown), 'fatal-error', 'not-supported'],
    ['a handler that throws: the same message may be sent again', messageOf(fail), 'transient-error', 'exception'],
    ['a fatal-error whose reply nobody wants', messageOf(refuse, 'never'), 'fatal-error', 'processing'],
  ])('%s is answered with a reply message', async (_, request, code, issue) => {
    expect(told(await receiverWith().process(request.bytes, { errors: 'message' }), request)).toEqual({ status: 200, code, issue });
  });

  it.each<[string, string, (entries: readonly object[]) => readonly object[]]>([
    ['whose focus leads nowhere', 'focus.unresolved', ([header = {}]) => [header]],
    ['with one fullUrl twice', 'bdl-7', ([header = {}, patient = {}]) => [header, patient, patient]],
    ['without fullUrls', 'focus.unresolved', (entries) => entries.map((entry) => ({ ...entry, fullUrl: undefined }))],
  ])('a message %s, too: its ids, event and source can be read (%s)', async (_, rule, changed) => {
    const request = messageOf(admit);
    const bundle = { ...request.bundle, entry: changed(request.bundle.entry ?? []) };
    const text = JSON.stringify(bundle);
    const bytes = new TextEncoder().encode(text);
    const elsewhere: unknown = runInNewContext('Uint8Array.from(bytes)', { bytes });
    for (const input of [bundle, text, bytes, bytes.buffer, new DataView(bytes.buffer), Object(elsewhere)]) {
      const result = await receiverWith().process(input, { errors: 'message' });

      expect(told(result, request)).toMatchObject({ status: 200, code: 'fatal-error' });
      expect(result.issues.map((issue) => issue.rule)).toContain(rule);
      expect(await receiverWith().process(input)).toMatchObject({ status: 400, bytes: undefined });
      expect(await receiverWith().process(input, { errors: 'message', check: () => [] })).toMatchObject({ status: 400, bytes: undefined });
    }
  });

  it('a response that cannot be read stays a status', async () => {
    const { bundle } = createReply(messageOf(admit), { source });
    const [header] = bundle.entry ?? [];
    const twice = { ...bundle, entry: [header, { ...header, resource: { resourceType: 'Patient' } }] };

    expect(await receiverWith().process(twice, { errors: 'message' })).toMatchObject({ status: 400, bytes: undefined });
  });

  it('content against its contract too, whatever contentErrors says', async () => {
    const { bundle } = messageOf(admit);
    const request = { ...bundle, entry: [...(bundle.entry ?? []), { fullUrl: 'urn:uuid:6ab4fbe2-6a8a-4b5c-9a3d-0a3a3d5e8f11', resource: { resourceType: 'Patient' } }] };
    const result = await receiverWith().process(request, { errors: 'message' });

    expect(readReply(result.bytes ?? '').code).toBe('fatal-error');
  });

  it('what was processed, but whose reply could not be written, is a fatal-error: sent again it would be no other', async () => {
    const receiver = createReceiver({ source }).on(admit, () => ({ focus: [{ resourceType: 'Patient', managingOrganization: { reference: 'Organization/of-nobody' } }] }));
    const request = messageOf(admit);

    expect(told(await receiver.process(request.bytes, { errors: 'message' }), request)).toEqual({ status: 200, code: 'fatal-error', issue: 'exception' });
    expect(told(await receiver.process(request.bytes, { errors: 'message' }), request)).toEqual({ status: 200, code: 'fatal-error', issue: 'exception' });
  });

  it('a handler that threw before is run again for a resend', async () => {
    let runs = 0;
    const receiver = createReceiver({ source }).on(admit, () => {
      runs += 1;
      if (runs === 1) throw new Error('inside');
    });
    const request = messageOf(admit);
    const results = [await receiver.process(request.bytes, { errors: 'message' }), await receiver.process(request.bytes, { errors: 'message' })];

    expect(results.map((result) => told(result, request))).toMatchObject([{ code: 'transient-error' }, { code: 'ok' }]);
  });

  it('stays a status where there can be no reply: no message, a message that is a response', async () => {
    const receiver = receiverWith();
    const request = messageOf(admit);

    expect(await receiver.process('{}', { errors: 'message' })).toMatchObject({ status: 400, bytes: undefined });
    expect(await receiver.process(createReply(request, { source }).bytes, { errors: 'message' })).toMatchObject({ status: 422, bytes: undefined });
  });

  it("a message that came before gets the first one's reply, where its identity has a status for that too (BaRS): there is no status", async () => {
    const receiver = receiverWith({ identity: bars });
    const request = messageOf(admit);
    const first = await receiver.process(request.bytes, { errors: 'message' });
    const again = await receiver.process(request.bytes, { errors: 'message' });

    expect(told(again, request)).toMatchObject({ status: 200, code: 'ok' });
    expect(again.bytes).toEqual(first.bytes);
    expect(await receiver.process(request.bytes)).toMatchObject({ status: 409, bytes: undefined });
  });

  it('is a status where it is not asked for', async () => {
    expect(await receiverWith().process(messageOf(unknown).bytes)).toMatchObject({ status: 422, bytes: undefined });
  });

  it('leaves alone what went well without a reply', async () => {
    expect(await receiverWith().process(messageOf(admit, 'never').bytes, { errors: 'message' })).toMatchObject({ status: 204, bytes: undefined });
  });
});
