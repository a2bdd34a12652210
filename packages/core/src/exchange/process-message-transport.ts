import { isMessagingError, MessagingError } from '../errors.ts';
import { member, textIn } from '../fhir/json.ts';
import type { Message } from '../message/message.ts';
import { messageUrl } from './message-url.ts';
import { readBody } from './read-body.ts';
import type { Outgoing, Receipt, Transport } from './transport.ts';

/** What is known of the attempt that headers are asked for. */
export interface HeadersContext {
  readonly message: Message;
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborts with the attempt. */
  readonly signal: AbortSignal;
}

/** Where and how messages are posted. */
export interface ProcessMessageTransportOptions {
  /** The server's base URL, such as `https://fhir.example.org/v4`. */
  readonly baseUrl: string;
  /** What is posted to, below the base; the base itself where this is empty. @defaultValue '$process-message' */
  readonly path?: string | undefined;
  /** @defaultValue the platform's */
  readonly fetch?: typeof fetch | undefined;
  /** Headers for each attempt, authorization among them. */
  readonly headers?: HeadersInit | ((context: HeadersContext) => HeadersInit | Promise<HeadersInit>) | undefined;
  /** @defaultValue 'application/fhir+json' */
  readonly contentType?: string | undefined;
  /** How much of an answer is read, in bytes. @defaultValue 50_000_000 */
  readonly maxBodyBytes?: number | undefined;
}

/**
 * Sends messages to a server's `$process-message`: the Bundle is the body, `async` and `response-url` go into the URL.
 *
 * Each attempt is one request. Redirects are not followed: an answer of 3xx is a receipt like any other.
 *
 * @throws {MessagingError} `transport.failed` when the connection fails, or no headers could be had; `reply.invalid` when a successful
 * answer is larger than `maxBodyBytes`.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example processMessageTransport({ baseUrl: 'https://fhir.example.org/r4', headers: { authorization: `Bearer ${token}` } })
 */
export function processMessageTransport(options: ProcessMessageTransportOptions): Transport {
  const send = options.fetch ?? fetch;
  const { baseUrl, path = '$process-message', maxBodyBytes = 50_000_000 } = options;
  return async function processMessage({ bytes, message, attempt, async, responseUrl, signal }: Outgoing): Promise<Receipt> {
    const url = messageUrl({ baseUrl, path, async, responseUrl });
    try {
      const headers = await headersFor(options, { message, attempt, signal });
      const response = await send(url, { method: 'POST', headers, body: bytes, signal, redirect: 'manual' });
      return { status: response.status, headers: response.headers, body: await readBody(response, maxBodyBytes) };
    } catch (cause) {
      signal.throwIfAborted();
      throw isMessagingError(cause) ? cause : connectionError(cause);
    }
  };
}

async function headersFor({ headers: given, contentType = fhirJson }: ProcessMessageTransportOptions, context: HeadersContext): Promise<Headers> {
  let asked: HeadersInit | undefined;
  try {
    asked = typeof given === 'function' ? await given(context) : given;
  } catch (cause) {
    throw new MessagingError('transport.failed', 'There are no headers for this attempt: nothing was sent.', { delivery: 'no', cause });
  }
  let headers: Headers;
  try {
    headers = new Headers(asked);
  } catch {
    // What the platform says of a bad header quotes its value, which may be a token: it is not passed on.
    throw new MessagingError('transport.failed', 'A header is none that HTTP takes: nothing was sent.', { delivery: 'no' });
  }
  headers.set('content-type', contentType);
  if (!headers.has('accept')) headers.set('accept', fhirJson);
  return headers;
}

const fhirJson = 'application/fhir+json';

const neverConnected: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Nobody took the connection: the message surely did not arrive. In every other case nobody can tell. */
function connectionError(cause: unknown): MessagingError {
  const code = textIn(member(cause, 'cause'), 'code');
  const delivery = neverConnected.has(code) ? 'no' : 'unknown';
  return new MessagingError('transport.failed', `The connection to the server failed${code ? ` (${code})` : ''}.`, { delivery, cause });
}
