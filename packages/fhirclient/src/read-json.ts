import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import { issuesIn } from './issues-in.ts';
import { sessionExpired } from './session-expired.ts';

/** The JSON of a successful answer; any other is an error, with the issues that the server gave. */
export async function readJson(ask: () => Promise<Response>, signal: AbortSignal | undefined): Promise<unknown> {
  const { status, ok, text } = await answerOf(ask, signal);
  if (!ok) {
    throw status === 401 ? sessionExpired(text) : new MessagingError('transport.status', `The server answered ${status}.`, { status, issues: issuesIn(text) });
  }
  try {
    return JSON.parse(text);
  } catch {
    // What the platform says of it quotes the answer, which may be a patient's.
    throw new MessagingError('json.invalid', 'What the server answered is no JSON.', { status });
  }
}

async function answerOf(ask: () => Promise<Response>, signal: AbortSignal | undefined): Promise<{ status: number; ok: boolean; text: string }> {
  try {
    const response = await ask();
    const { status, ok } = response;
    return { status, ok, text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The connection to the server failed.', { cause });
  }
}
