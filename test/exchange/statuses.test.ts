import { createReply, isMessagingError } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { answer, messageOf, messengerTo, source, startServer } from './loopback.ts';

/** What comes of a message that is answered so, over a socket: the reply's kind, or the error's code and delivery; and how often it was sent. */
async function told(status: number, message: Message, body = ''): Promise<string> {
  const server = await startServer(answer(status, body));
  try {
    const sending = messengerTo(server.url, { retry: { maxAttempts: 2 } }).messenger.send(message);
    const outcome = await sending.then(
      ({ kind }) => kind,
      (error: unknown) => (isMessagingError(error) ? `${error.code} ${error.delivery ?? ''}` : error),
    );
    return `${String(outcome)}, sent ${server.requests.length}`;
  } finally {
    await server.stop();
  }
}

const wantingNone = (): Message =>
  messageOf('consequence', { header: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] } });
const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}';

describe('the HTTP status table of $process-message, for a consequence (messaging.html#process)', () => {
  it.each([
    [200, 'reply.invalid yes, sent 1'],
    [202, 'accepted, sent 1'],
    [204, 'processed, sent 1'],
    [300, 'transport.status unknown, sent 1'],
    [304, 'transport.status unknown, sent 1'],
    [307, 'transport.status unknown, sent 1'],
    [400, 'refused, sent 1'],
    [401, 'refused, sent 1'],
    [403, 'refused, sent 1'],
    [404, 'refused, sent 1'],
    [405, 'refused, sent 1'],
    [406, 'refused, sent 1'],
    [408, 'transport.status no, sent 2'],
    [409, 'refused, sent 1'],
    [410, 'refused, sent 1'],
    [413, 'refused, sent 1'],
    [415, 'refused, sent 1'],
    [422, 'refused, sent 1'],
    [425, 'transport.status no, sent 2'],
    [429, 'transport.status no, sent 2'],
    [500, 'transport.status unknown, sent 1'],
    [501, 'transport.status unknown, sent 1'],
    [502, 'transport.status unknown, sent 1'],
    [503, 'transport.status no, sent 2'],
    [504, 'transport.status unknown, sent 1'],
    [505, 'transport.status unknown, sent 1'],
    [507, 'transport.status unknown, sent 1'],
  ])('%s, empty: %s', async (status, expected) => {
    expect(await told(status, messageOf())).toBe(expected);
  });

  it('200 with a message: what that says', async () => {
    for (const code of ['ok', 'fatal-error'] as const) {
      const message = messageOf();

      expect(await told(200, message, JSON.stringify(createReply(message, { source, code }).bundle))).toBe(`${code}, sent 1`);
    }
  });

  it('200 with an OperationOutcome, or empty, where no reply is expected: processed', async () => {
    expect(await told(200, wantingNone(), outcome.replace('error', 'information'))).toBe('processed, sent 1');
    expect(await told(200, wantingNone())).toBe('processed, sent 1');
  });

  it('200 with an OperationOutcome that holds an error, where no reply is expected: reply.invalid', async () => {
    expect(await told(200, wantingNone(), outcome)).toBe('reply.invalid yes, sent 1');
  });

  it('200 with an OperationOutcome where a reply is expected: reply.invalid', async () => {
    expect(await told(200, messageOf(), outcome)).toBe('reply.invalid yes, sent 1');
  });
});

describe('for a notification, which may be processed twice', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 507])('%s is tried again', async (status) => {
    expect(await told(status, messageOf('notification'))).toMatch(/sent 2$/);
  });

  it.each([300, 307, 400, 422, 501, 505])('%s is not', async (status) => {
    expect(await told(status, messageOf('notification'))).toMatch(/sent 1$/);
  });
});
