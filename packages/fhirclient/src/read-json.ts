import { isMessagingError, MessagingError, readOutcome } from '@fhir-messaging/core';
import { sessionExpired } from './session-expired.ts';

/** The JSON of a successful answer; any other is an error, with the issues that the server gave. */
export async function readJson(ask: () => Promise<Response>, signal: AbortSignal | undefined): Promise<unknown> {
  const { status, ok, body } = await answerOf(ask, signal);
  if (!ok) {
    throw status === 401 ? sessionExpired(body) : new MessagingError('transport.status', `The server answered ${status}.`, { status, issues: readOutcome(body) });
  }
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // What the platform says of it quotes the answer, which may be a patient's.
    throw new MessagingError('json.invalid', 'The answer is no JSON.', { status });
  }
}

async function answerOf(ask: () => Promise<Response>, signal: AbortSignal | undefined): Promise<{ status: number; ok: boolean; body: Uint8Array }> {
  try {
    const response = await ask();
    const { status, ok } = response;
    return { status, ok, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    signal?.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The connection to the server failed.');
  }
}
