import type { ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { createReceiver } from '../create-receiver.ts';
import { codes, counting, eventOf, messageOf, source, replyOf } from '../../test/admissions.ts';

describe('receiver.process: when a reply is wanted (messageheader-response-request)', () => {
  const url = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';
  const no = { issues: [{ severity: 'error', code: 'business-rule' }] } as const;

  it.each([
    ['always', 'ok', 200],
    ['always', 'fatal-error', 200],
    ['always', 'transient-error', 200],
    ['on-error', 'ok', 204],
    ['on-error', 'fatal-error', 200],
    ['on-error', 'transient-error', 200],
    ['on-success', 'ok', 200],
    ['on-success', 'fatal-error', 422],
    ['on-success', 'transient-error', 503],
    ['never', 'ok', 204],
    ['never', 'fatal-error', 422],
    ['never', 'transient-error', 503],
  ] as const)('%s, %s: %s', async (request, code, status) => {
    const says = { code, ...(code !== 'ok' && no) };
    const byExtension = await counting({ say: () => says }).receiver.process(messageOf({ header: { extension: [{ url, valueCode: request }] } }).bytes);
    const byContract = await createReceiver({ source }).on(eventOf('consequence', request), () => says).process(messageOf().bytes);

    for (const result of [byExtension, byContract]) {
      expect(result.status).toBe(status);
      expect(result.bundle === undefined).toBe(status !== 200);
      expect(result.issues.map((issue) => issue.code)).toEqual(code === 'ok' ? [] : ['business-rule']);
    }
  });

  it.each(['fatal-error', 'transient-error'] as const)('a %s is described in its reply too, also where the handler gives no error: FHIR wants a rejection described', async (code) => {
    for (const issues of [undefined, [{ severity: 'information', code: 'informational' } as const]]) {
      const message = messageOf();
      const result = await createReceiver({ source }).on(eventOf('consequence'), () => ({ code, issues })).process(message.bytes);

      expect(codes(result).at(-1)).toMatch(new RegExp(` response.${code}$`));
      expect(replyOf(result, message)).toMatchObject({ code, issues: [...(issues ?? []).map(() => ({ severity: 'information' })), { severity: 'error', details: { text: `The message was answered with ${code}.` } }] });
    }
  });

  it('an error without a reply says what it is, also where the handler does not', async () => {
    const result = await createReceiver({ source }).on(eventOf('consequence', 'never'), () => ({ code: 'fatal-error' })).process(messageOf().bytes);

    expect(codes(result)).toEqual(['processing response.fatal-error']);
  });

  it.each(['always', 'never'] as const)('a code that is none is a reply that cannot be written, also where none is wanted (%s): 500, and not processed again', async (request) => {
    let runs = 0;
    const receiver = createReceiver({ source }).on(eventOf('consequence', request), () => {
      runs += 1;
      return { code: 'transient' } as unknown as ReplyContent;
    });
    const message = messageOf();
    const results = [await receiver.process(message.bytes), await receiver.process(message.bytes)];

    expect(results.map((result) => [result.status, codes(result)])).toEqual([[500, ['exception handler.reply']], [500, ['exception handler.reply']]]);
    expect(runs).toBe(1);
  });

  it("the message's own wish comes before the contract's", async () => {
    const receiver = createReceiver({ source }).on(eventOf('consequence', 'never'), () => undefined);

    expect((await receiver.process(messageOf({ header: { extension: [{ url, valueCode: 'always' }] } }).bytes)).status).toBe(200);
  });

  it.each([['ok', 204], ['fatal-error', 422]] as const)('what was not wanted is remembered as such: %s, %s', async (code, status) => {
    let runs = 0;
    const receiver = createReceiver({ source }).on(eventOf('consequence', 'never'), () => {
      runs += 1;
      return { code };
    });
    const message = messageOf();

    expect((await receiver.process(message.bytes)).status).toBe(status);
    expect((await receiver.process(message.bytes)).status).toBe(status);
    expect(runs).toBe(1);
  });
});
