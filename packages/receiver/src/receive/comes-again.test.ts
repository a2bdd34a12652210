import { bars, r4 } from '@fhir-messaging/core';
import type { IdentityStrategy, MessageCategory, ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../cache/memory-cache.ts';
import { codes, counting, messageOf, replyOf, textOf, withIds } from '../../test/admissions.ts';
import { held } from '../../test/held.ts';

describe('receiver.process: a message that comes again, R4', () => {
  const first = { headerId: 'h1', bundleId: 'b1' };

  it.each(['consequence', 'currency', 'notification'] as const)('the same pair of ids: the original reply to the byte, the handler not run (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const message = messageOf({ ...first, category });
    const original = await receiver.process(message.bytes);
    const repeated = await receiver.process(message.bytes);

    expect(repeated.status).toBe(200);
    expect(textOf(repeated)).toBe(textOf(original));
    expect(repeated.bundle).toEqual(original.bundle);
    expect(runs()).toBe(1);
  });

  it('the same MessageHeader.id in a new Bundle: a consequence gets the original reply', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    const original = await receiver.process(message.bytes);

    expect(textOf(await receiver.process(withIds(message, 'h1', 'b2').bytes))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it.each(['currency', 'notification'] as const)('the same MessageHeader.id in a new Bundle: a %s is processed again, and then known too', async (category) => {
    const { receiver, runs } = counting({ category });
    const message = messageOf({ ...first, category });
    const original = await receiver.process(message.bytes);
    const again = await receiver.process(withIds(message, 'h1', 'b2').bytes);
    const repeated = await receiver.process(withIds(message, 'h1', 'b2').bytes);

    expect(textOf(again)).not.toBe(textOf(original));
    expect(textOf(repeated)).toBe(textOf(again));
    expect(textOf(await receiver.process(message.bytes))).toBe(textOf(original));
    expect(runs()).toBe(2);
  });

  it('a new MessageHeader.id in a seen Bundle: 409, Bundle.id is never used again', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    await receiver.process(message.bytes);
    const result = await receiver.process(withIds(message, 'h2', 'b1').bytes);

    expect(result).toMatchObject({ status: 409, bundle: undefined });
    expect(codes(result)).toEqual(['conflict cache.envelope']);
    expect(runs()).toBe(1);
  });

  it('both seen, but not as a pair: 409', async () => {
    const { receiver } = counting();
    const message = messageOf(first);
    await receiver.process(message.bytes);
    await receiver.process(withIds(message, 'h2', 'b2').bytes);

    expect(codes(await receiver.process(withIds(message, 'h1', 'b2').bytes))).toEqual(['conflict cache.envelope']);
  });

  it.each([['b1'], ['b2']])('a known MessageHeader.id with other content, in Bundle %s: 409', async (bundleId) => {
    const { receiver, runs } = counting();
    await receiver.process(messageOf(first).bytes);
    const result = await receiver.process(messageOf({ headerId: 'h1', bundleId, family: 'Smith' }).bytes);

    expect(result.status).toBe(409);
    expect(codes(result)).toEqual(['conflict cache.content']);
    expect(runs()).toBe(1);
  });

  it('other metadata, another destination and another order of members are not other content', async () => {
    const { receiver, runs } = counting();
    const { bundle } = messageOf(first);
    await receiver.process(bundle);
    const { entry = [], ...rest } = structuredClone(bundle);
    Object.assign(entry[0]!.resource!, { meta: { lastUpdated: '2026-11-21T00:00:00Z' }, destination: [{ endpoint: 'https://hop.example' }] });
    const passedOn = { entry: entry.map(({ resource, fullUrl }) => ({ resource, fullUrl })), meta: { tag: [{ code: 'x' }] }, ...rest };

    expect((await receiver.process(passedOn)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it.each([
    ['MessageHeader.id is missing: by Bundle.id', undefined, 'b1'],
    ['Bundle.id is missing: by MessageHeader.id', 'h1', undefined],
  ])('where %s', async (_, headerId, bundleId) => {
    const { receiver, runs } = counting();
    const message = withIds(messageOf(), headerId, bundleId);
    await receiver.process(message.bytes);

    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('ids count within their sender', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    for (const sender of ['a', 'b', undefined, 'a']) {
      expect((await receiver.process(message.bytes, { sender })).status).toBe(200);
    }

    expect(runs()).toBe(3);
  });

  it('where nobody is authenticated they count within the address that the message says it is from', async () => {
    const { receiver, runs } = counting();
    await receiver.process(messageOf({ ...first, source: 'https://a.example' }).bytes);

    expect((await receiver.process(messageOf({ ...first, source: 'https://b.example' }).bytes)).status).toBe(200);
    expect(runs()).toBe(2);
  });
});

describe('receiver.process: a message that comes again, R5', () => {
  const inR5 = (category: MessageCategory, value = 'urn:uuid:1', family?: string) => {
    const bundle = structuredClone(messageOf({ release: 'R5', category, ...(family === undefined ? {} : { family }) }).bundle);
    return { ...bundle, identifier: { system: 'urn:ietf:rfc:3986', value } };
  };

  it.each(['consequence', 'currency', 'notification'] as const)('the same Bundle.identifier: the original reply, whatever the other ids (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const bundle = inR5(category);
    const original = await receiver.process(bundle);

    expect(textOf(await receiver.process({ ...bundle, id: 'another' }))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it.each(['consequence', 'currency', 'notification'] as const)('another Bundle.identifier: another message (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const bundle = inR5(category);
    await receiver.process(bundle);
    await receiver.process({ ...bundle, identifier: { ...bundle.identifier, value: 'urn:uuid:2' } });
    await receiver.process({ ...bundle, identifier: { system: 'https://example.org/ids', value: 'urn:uuid:1' } });

    expect(runs()).toBe(3);
  });

  it('the same Bundle.identifier with other content: 409', async () => {
    const { receiver } = counting();
    await receiver.process(inR5('consequence'));

    expect(codes(await receiver.process(inR5('consequence', 'urn:uuid:1', 'Smith')))).toEqual(['conflict cache.content']);
  });
});

describe('receiver.process: other strategies', () => {
  it('BaRS: a duplicate is answered with 409 and the issue code duplicate', async () => {
    const { receiver, runs } = counting({ identity: bars });
    const message = messageOf();
    await receiver.process(message.bytes);
    const result = await receiver.process(message.bytes);

    expect(result).toMatchObject({ status: 409, bundle: undefined });
    expect(codes(result)).toEqual(['duplicate cache.duplicate']);
    expect(runs()).toBe(1);
  });

  it.each([
    ['fatal-error, in a reply', 200, {}],
    ['fatal-error, where no reply is wanted', 422, { header: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] } }],
  ])('BaRS: a duplicate of what ended with %s gets that again, since 409 would pass for success', async (_, status, options) => {
    const { receiver, runs } = counting({ identity: bars, say: () => ({ code: 'fatal-error' }) });
    const message = messageOf(options);
    const original = await receiver.process(message.bytes);
    const repeated = await receiver.process(message.bytes);

    expect([original.status, repeated.status]).toEqual([status, status]);
    expect([repeated.bytes, repeated.issues]).toEqual([original.bytes, original.issues]);
    expect(runs()).toBe(1);
  });

  it('BaRS: one that comes while the first is being processed is told so when that is done', async () => {
    const { receiver, run, runs } = held({ identity: bars });
    const message = messageOf();
    const both = [receiver.process(message.bytes), receiver.process(message.bytes)];
    (await run(1)).say({});

    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(runs()).toBe(1);
  });

  it('by Bundle.id alone, as Netsmart: another Bundle.id is another message', async () => {
    const identity: IdentityStrategy = { ...r4, name: 'by-bundle', message: ['Bundle.id'], replyQuotes: ['Bundle.id', 'MessageHeader.id'] };
    const { receiver, runs } = counting({ identity });
    const message = messageOf({ headerId: 'h1', bundleId: 'b1' });
    await receiver.process(message.bytes);
    await receiver.process(message.bytes);
    await receiver.process(withIds(message, 'h1', 'b2').bytes);

    expect(runs()).toBe(2);
  });
});

describe('receiver.process: what is remembered', () => {
  it("a handler's fatal-error is: the same reply again", async () => {
    const { receiver, runs } = counting({ say: () => ({ issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No.' }] }) });
    const message = messageOf();
    const original = await receiver.process(message.bytes);

    expect(replyOf(original)).toMatchObject({ code: 'fatal-error' });
    expect(textOf(await receiver.process(message.bytes))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it('a transient-error is not: a resend is processed (4.3 b, a departure from the letter)', async () => {
    const { receiver, runs } = counting({ say: (run) => (run === 1 ? { code: 'transient-error' } : {}) });
    const message = messageOf();

    expect(replyOf(await receiver.process(message.bytes)).code).toBe('transient-error');
    expect(replyOf(await receiver.process(message.bytes)).code).toBe('ok');
    expect(runs()).toBe(2);
  });

  it('what a handler throws is not: 500 with nothing of the inside, the application is told, a resend is processed', async () => {
    const fault = new Error('connect to db.internal failed for Miller');
    const onError = vi.fn();
    const { receiver, runs } = counting({
      onError,
      say: (run) => {
        if (run === 1) throw fault;
        return {};
      },
    });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect(result).toMatchObject({ status: 500, bundle: undefined });
    expect(codes(result)).toEqual(['exception handler.failed']);
    expect(JSON.stringify(result)).not.toMatch(/db\.internal|Miller/);
    expect(onError.mock.calls).toEqual([[fault, expect.anything()]]);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(runs()).toBe(2);
  });

  it('ok beside an error is a fatal-error that is remembered, of which the application is told: what a handler has done it does not do again', async () => {
    const onError = vi.fn();
    const { receiver, runs } = counting({ onError, say: () => ({ code: 'ok', issues: [{ severity: 'error', code: 'processing', rule: 'ward.full' }], focus: [{ resourceType: 'Patient' }] }) });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect([result.status, result.responseCode, codes(result), result.bundle?.entry?.map(({ resource }) => resource?.resourceType)]).toEqual([200, 'fatal-error', ['processing ward.full'], ['MessageHeader', 'OperationOutcome']]);
    expect(onError.mock.calls).toEqual([[new TypeError('A handler said ok, and gave an issue that is an error: it counts as fatal-error. Leave out the code, or say fatal-error.'), expect.anything()]]);
    expect((await receiver.process(message.bytes)).bytes).toEqual(result.bytes);
    expect(runs()).toBe(1);
  });

  it('a handler that throws is told of also where the cache cannot give the message up', async () => {
    const [fault, away] = [new Error('fault'), new Error('the database is gone')];
    const onError = vi.fn();
    const { receiver } = counting({ cache: { ...memoryCache(), release: () => Promise.reject(away) }, onError, say: () => Promise.reject(fault) });

    await expect(receiver.process(messageOf().bytes)).rejects.toBe(away);
    expect(onError.mock.calls).toEqual([[fault, expect.anything()]]);
  });

  it('an onError that throws changes nothing', async () => {
    const onError = (): never => {
      throw new Error('fault in a log');
    };

    expect((await counting({ onError, say: () => Promise.reject(new Error('fault')) }).receiver.process(messageOf().bytes)).status).toBe(500);
  });

  it('an onError that rejects ends no process: nobody would hear of it', async () => {
    const heard = vi.fn();
    process.once('unhandledRejection', heard);
    const onError = vi.fn().mockRejectedValue(new Error('fault in a log'));

    await counting({ onError, say: () => Promise.reject(new Error('fault')) }).receiver.process(messageOf().bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(heard).not.toHaveBeenCalled();
    process.off('unhandledRejection', heard);
  });

  it('a reply that cannot be written is a 500 that is remembered: what a handler has done it does not do again', async () => {
    const onError = vi.fn();
    const { receiver, runs } = counting({ onError, say: () => ({ focus: [{ resourceType: 'Task', for: { reference: 'Patient/of-nobody' } }] }) });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect(codes(result)).toEqual(['exception handler.reply']);
    expect(await receiver.process(message.bytes)).toMatchObject({ status: 500 });
    expect(runs()).toBe(1);
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'message.invalid' }), expect.anything()]]);
  });

  it.each([
    ['focus', { focus: [{ resourceType: 'Task', for: { reference: 'Patient/of-nobody' } }] }, 'The register is away.'],
    ['issues', { issues: {} }, 'The message was answered with transient-error.'],
  ])('a transient-error whose %s cannot be written stays one: rolled back, told without it, and a resend is processed', async (_, wrong, text) => {
    const onError = vi.fn();
    const issues = [{ severity: 'error', code: 'transient', diagnostics: 'The register is away.' }];
    const away = { code: 'transient-error', issues, ...wrong } as unknown as ReplyContent;
    const { receiver, runs } = counting({ onError, say: (run) => (run === 1 ? away : {}) });
    const message = messageOf();
    const result = await receiver.process(message.bytes, { errors: 'message' });

    expect(replyOf(result)).toMatchObject({ code: 'transient-error', issues: [expect.objectContaining({ details: { text } })] });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(replyOf(await receiver.process(message.bytes)).code).toBe('ok');
    expect(runs()).toBe(2);
  });

  it.each([{ issues: null }, { issues: {} }, { issues: [undefined] }, { code: 'ok', issues: {} }])('a reply whose issues are no list of them is one that cannot be written (%j): the message is not done again', async (content) => {
    const { receiver, runs } = counting({ onError: vi.fn(), say: () => content as unknown as ReplyContent });
    const message = messageOf();

    expect(codes(await receiver.process(message.bytes))).toEqual(['exception handler.reply']);
    expect(codes(await receiver.process(message.bytes))).toEqual(['exception handler.reply']);
    expect(runs()).toBe(1);
  });

  it('as long as the cache says', async () => {
    let time = 0;
    const { receiver, runs } = counting({ cache: memoryCache({ ttlMinutes: 1, now: () => time }) });
    const message = messageOf();
    await receiver.process(message.bytes);
    time = 60_000;
    await receiver.process(message.bytes);

    expect(runs()).toBe(2);
  });
});
