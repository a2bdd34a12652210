import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import type { ResponseRequest } from '../fhir/codes.ts';
import { bars, r4 } from '../message/identity.ts';
import type { IdentityStrategy } from '../message/identity.ts';
import { createMessage } from '../message/create-message.ts';
import { createReply } from '../message/create-reply.ts';
import type { ReplyContent } from '../message/create-reply.ts';
import type { Message } from '../message/message.ts';
import { readReceipt } from './read-receipt.ts';
import type { Reply } from './reply.ts';
import type { Receipt } from './transport.ts';

function messageWanting(reply: ResponseRequest, header?: object): Message {
  const event = defineEvent({
    coding: { system: 'https://example.org/events', code: 'admit' },
    category: 'consequence',
    focus: ['Patient'],
    payload: { Patient: '1..1' },
    reply,
  });
  return createMessage(event, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org', header });
}

const message = messageWanting('always');
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const replyTo = (request: Message, content: ReplyContent = {}): Uint8Array => createReply(request, { source: 'https://b.example', ...content }).bytes;
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'business-rule', details: { text: 'No.' } }] };
const issue = expect.objectContaining({ severity: 'error', code: 'business-rule', diagnostics: 'No.' });
const remark = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'business-rule', details: { text: 'No.' } }] };
const remarked = expect.objectContaining({ severity: 'warning', code: 'business-rule', diagnostics: 'No.' });
const page = '<html><body>Bad gateway</body></html>';

function read(receipt: Partial<Receipt>, changes: { request?: Message; identity?: IdentityStrategy; mayHaveArrived?: boolean; async?: boolean } = {}): Reply {
  const { request = message, identity = r4, mayHaveArrived = false, async } = changes;
  return readReceipt({ body: undefined, ...receipt }, { message: request, ids: request.identity.ids, identity, attempts: 2, mayHaveArrived, async });
}

describe('readReceipt: an answer that says little', () => {
  it('a refusal without an OperationOutcome has an issue with its status', () => {
    expect(read({ status: 403, body: encode(page) })).toMatchObject({ kind: 'refused', issues: [{ severity: 'error', code: 'processing', diagnostics: 'The server answered 403.' }] });
  });

  it.each(['', ' \r\n\t'])('a body of %j is none', (body) => {
    expect(read({ status: 200, body: encode(body) }, { async: true })).toMatchObject({ kind: 'accepted' });
    expect(() => read({ status: 200, body: encode(body) })).toThrow('The answer (empty) does not say what became of the message.');
  });

  it('the error of an OperationOutcome with an error does not say that a reply message was asked for', () => {
    expect(() => read({ status: 200, body: encode(outcome) }, { async: true })).toThrow('The answer (an OperationOutcome) does not say what became of the message.');
  });
});

describe('readReceipt: 200 with a message', () => {
  it.each(['ok', 'transient-error', 'fatal-error'] as const)('is what the reply says: %s', (code) => {
    const reply = read({ status: 200, body: replyTo(message, { code, issues: [{ severity: 'warning', code: 'processing', diagnostics: 'Late.' }] }) });

    expect(reply).toMatchObject({ kind: code, attempts: 2, matched: 'MessageHeader.id', matchedByRule: true, disagrees: false });
    expect(reply.issues).toEqual([expect.objectContaining({ severity: 'warning', diagnostics: 'Late.' })]);
  });

  it('keeps the status and the headers', () => {
    const headers = new Headers({ 'x-request-id': '7' });

    expect(read({ status: 201, headers, body: replyTo(message) }).http).toEqual({ status: 201, headers });
    expect(read({ status: 200, body: replyTo(message) }).http?.headers.get('x-request-id')).toBeNull();
  });

  it('is read without a status too, from a transport that has none', () => {
    expect(read({ body: replyTo(message) })).toMatchObject({ kind: 'ok', http: undefined });
  });

  it('is an error where it answers another message: reply.mismatch', () => {
    const other = replyTo(messageWanting('always'));

    expect(() => read({ status: 200, body: other })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
    expect(() => read({ status: 200, body: other }, { request: messageWanting('never') })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
  });
});

describe('readReceipt: 200 without a message', () => {
  it.each([
    ['nothing', undefined, []],
    ['an OperationOutcome', encode(outcome), [issue]],
    ['broken JSON', encode('{"resourceType": "Bundle", "ent'), [expect.objectContaining({ rule: 'json.invalid' })]],
    ['a page of HTML', encode(page), [expect.objectContaining({ rule: 'json.invalid' })]],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe]), [expect.anything()]],
    ['a Bundle that is no message', encode({ resourceType: 'Bundle', type: 'searchset' }), expect.arrayContaining([expect.objectContaining({ rule: 'bundle.type' })])],
  ])('is an error where a reply should be and %s is: reply.invalid, delivery yes', (_, body, issues) => {
    expect(() => read({ status: 200, body })).toThrow(expect.objectContaining({ code: 'reply.invalid', delivery: 'yes', status: 200, issues }));
  });

  it.each(['always', 'never'] as const)('is processed where a message without response came (BaRS), with a warning and its graph: reply %s', (wanting) => {
    const other = messageWanting('always');
    const reply = read({ status: 200, body: other.bytes }, { request: messageWanting(wanting) });

    expect(reply).toMatchObject({ kind: 'processed', issues: [{ severity: 'warning', rule: 'response.missing' }] });
    expect(reply.kind === 'processed' && reply.graph?.bundle).toEqual(JSON.parse(JSON.stringify(other.bundle)));
  });

  it('is an error where the request itself came back, as from a server that only stores it', () => {
    expect(() => read({ status: 200, body: message.bytes })).toThrow(expect.objectContaining({ code: 'reply.invalid', delivery: 'yes' }));
    const stored = encode({ ...message.bundle, id: 'assigned-by-the-server' });
    expect(() => read({ status: 200, body: stored })).toThrow(expect.objectContaining({ code: 'reply.invalid', delivery: 'yes' }));
  });

  it('is an error where its response has no code', () => {
    const bundle = JSON.parse(new TextDecoder().decode(replyTo(message)).replace('"code":"ok"', '"code":"OK"')) as object;

    expect(() => read({ status: 200, body: encode(bundle) })).toThrow(expect.objectContaining({ code: 'reply.invalid' }));
  });

  it.each([
    ['nothing', undefined, []],
    ['an OperationOutcome', encode(remark), [remarked]],
    ['an OperationOutcome without issues', encode({ resourceType: 'OperationOutcome' }), []],
  ])('is processed where no reply is expected and %s comes', (_, body, issues) => {
    for (const wanting of ['never', 'on-error'] as const) {
      expect(read({ status: 200, body }, { request: messageWanting(wanting) })).toMatchObject({ kind: 'processed', issues });
    }
  });

  it.each(['error', 'fatal'] as const)('is an error where no reply is expected and an OperationOutcome says that it went wrong (%s), its issues kept', (severity) => {
    const body = encode({ resourceType: 'OperationOutcome', issue: [{ severity, code: 'exception' }] });

    for (const async of [false, true]) {
      expect(() => read({ status: 200, body }, { request: messageWanting('on-error'), async })).toThrow(
        expect.objectContaining({ code: 'reply.invalid', delivery: 'yes', issues: [expect.objectContaining({ severity })] }),
      );
    }
  });

  it('is processed where the message is a reply, which nobody replies to', () => {
    const request = createReply(message, { source: 'https://b.example' });

    expect(read({ status: 200 }, { request }).kind).toBe('processed');
  });

  it('is an error where no reply is expected and a page comes, such as of a proxy that asks to sign in: the message may be nowhere', () => {
    expect(() => read({ status: 200, body: encode(page) }, { request: messageWanting('never') })).toThrow(expect.objectContaining({ code: 'reply.invalid', delivery: 'yes' }));
  });

  it('is an error where a reply is expected on success', () => {
    expect(() => read({ status: 200 }, { request: messageWanting('on-success') })).toThrow(expect.objectContaining({ code: 'reply.invalid' }));
  });

  it("goes by the message's own response-request before its contract", () => {
    const url = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';
    const request = messageWanting('always', { extension: [{ url, valueCode: 'never' }] });

    expect(read({ status: 200 }, { request }).kind).toBe('processed');
  });
});

describe('readReceipt: an asynchronous exchange', () => {
  it.each([
    [200, undefined, []],
    [200, encode(remark), [remarked]],
    [202, undefined, []],
  ])('%s with no reply message is custody', (status, body, issues) => {
    expect(read({ status, body }, { async: true })).toMatchObject({ kind: 'accepted', duplicate: false, issues });
  });

  it('204 is processed: nothing comes later', () => {
    expect(read({ status: 204 }, { async: true }).kind).toBe('processed');
  });

  it('a reply message is the reply, though it was not asked for here', () => {
    expect(read({ status: 200, body: replyTo(message) }, { async: true }).kind).toBe('ok');
  });

  it.each([page, '{"resourceType": "Bundle", "ent'])('what cannot be read is no custody: reply.invalid (%s)', (body) => {
    expect(() => read({ status: 200, body: encode(body) }, { async: true })).toThrow(expect.objectContaining({ code: 'reply.invalid', delivery: 'yes' }));
  });

  it('a reply to another message is none: reply.mismatch', () => {
    expect(() => read({ status: 200, body: replyTo(messageWanting('always')) }, { async: true })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
  });
});

describe('readReceipt: other statuses', () => {
  it('202 is custody', () => {
    expect(read({ status: 202, body: encode(outcome) })).toMatchObject({ kind: 'accepted', duplicate: false, issues: [issue], http: { status: 202 } });
  });

  it('202 with the reply is the reply; with the reply to another message it is custody', () => {
    expect(read({ status: 202, body: replyTo(message, { code: 'fatal-error' }) })).toMatchObject({ kind: 'fatal-error', http: { status: 202 } });
    expect(read({ status: 202, body: replyTo(messageWanting('always')) })).toMatchObject({ kind: 'accepted' });
  });

  it('custody can be said without a status', () => {
    expect(read({ custody: true })).toMatchObject({ kind: 'accepted', duplicate: false, http: undefined });
  });

  it('204 is processed, also where a reply was expected: it was suppressed', () => {
    expect(read({ status: 204 })).toMatchObject({ kind: 'processed', issues: [] });
  });

  it.each([400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 451])('%s is refused, its issues kept', (status) => {
    expect(read({ status, body: encode(outcome) })).toMatchObject({ kind: 'refused', issues: [issue], mayHaveArrived: false, http: { status } });
  });

  it('a refusal says when an earlier attempt may have arrived', () => {
    expect(read({ status: 409 }, { mayHaveArrived: true })).toMatchObject({ kind: 'refused', mayHaveArrived: true });
  });

  it.each([408, 425, 429, 503])('%s surely was not processed: transport.status, delivery no', (status) => {
    expect(() => read({ status, body: encode(outcome) })).toThrow(
      expect.objectContaining({ code: 'transport.status', status, delivery: 'no', issues: [issue] }),
    );
  });

  it('503 with lock-error says that somebody has it: delivery unknown', () => {
    const locked = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'lock-error' }] };

    expect(() => read({ status: 503, body: encode(locked) })).toThrow(expect.objectContaining({ code: 'transport.status', status: 503, delivery: 'unknown' }));
  });

  it.each([300, 301, 302, 303, 304, 307, 308, 500, 501, 502, 504, 505, 507, 599, 0])('%s says neither yes nor no: transport.status, delivery unknown', (status) => {
    expect(() => read({ status })).toThrow(expect.objectContaining({ code: 'transport.status', status, delivery: 'unknown', issues: [] }));
  });

  it.each([409, 423])('%s with lock-error too: nobody knows what becomes of it', (status) => {
    const locked = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'lock-error' }] };

    expect(() => read({ status, body: encode(locked) })).toThrow(expect.objectContaining({ code: 'transport.status', status, delivery: 'unknown' }));
  });

  it.each([422, 500])('%s with a reply message keeps the issues of its OperationOutcome', (status) => {
    const body = replyTo(message, { issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No.' }] });
    const told = (() => {
      try {
        return read({ status, body });
      } catch (error) {
        return error;
      }
    })();

    expect(told).toMatchObject({ issues: [issue] });
  });

  it('a page of HTML is no reason to lose the status', () => {
    expect(() => read({ status: 502, body: encode(page) })).toThrow(expect.objectContaining({ code: 'transport.status', status: 502, issues: [] }));
    expect(read({ status: 403, body: encode(page) })).toMatchObject({ kind: 'refused', http: { status: 403 } });
  });
});

describe('readReceipt: 409 where the strategy says that it is a duplicate (BaRS)', () => {
  const duplicate = encode({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'duplicate' }] });

  it('is accepted, by the issue code duplicate', () => {
    expect(read({ status: 409, body: duplicate }, { identity: bars })).toMatchObject({ kind: 'accepted', duplicate: true });
  });

  it.each([
    ['nothing', undefined],
    ['a page', encode(page)],
  ])('is an error where %s comes: the message was processed before, or a proxy never let it in', (_, body) => {
    expect(() => read({ status: 409, body }, { identity: bars })).toThrow(expect.objectContaining({ code: 'transport.status', status: 409, delivery: 'unknown' }));
  });

  it('is refused where the issues name another conflict', () => {
    expect(read({ status: 409, body: encode(outcome) }, { identity: bars })).toMatchObject({ kind: 'refused', issues: [issue] });
  });

  it('is refused by every other strategy, as what may have arrived', () => {
    expect(read({ status: 409, body: duplicate })).toMatchObject({ kind: 'refused', mayHaveArrived: true });
  });
});
