import { isMessagingError, MessagingError } from '../errors.ts';
import { member, textIn } from '../fhir/json.ts';
import type { Message } from '../message/message.ts';
import { fhirHeaders, fhirJson } from './fhir-headers.ts';
import type { HeadersLike } from './fhir-headers.ts';
import { followRedirects } from './follow-redirects.ts';
import { requireHttpBase, requireHttpUrl } from './http-base.ts';
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
  /** The path that is posted to, below the base; empty for the base itself. @defaultValue '$process-message' */
  readonly path?: string | undefined;
  /** @defaultValue the platform's, as it is at each request */
  readonly fetch?: typeof fetch | undefined;
  /** Headers for each attempt, authorization among them. */
  readonly headers?: HeadersLike | ((context: HeadersContext) => HeadersLike | Promise<HeadersLike>) | undefined;
  /**
   * The meaning of a success where the server uses another status than the operation's: `{ 204: 'accepted' }` where 204 is custody and the
   * reply comes later.
   */
  readonly accepts?: Readonly<Record<number, 'accepted'>> | undefined;
  /**
   * Origins beside the base's own that a 307 or 308 may lead to. The message goes there, `headers` do not, nor anywhere that it is sent on to
   * from there: a token is for the base's origin alone. @defaultValue none
   */
  readonly redirectOrigins?: readonly string[] | undefined;
  /** Counts more than a `content-type` among the `headers`. @defaultValue 'application/fhir+json' */
  readonly contentType?: string | undefined;
  /** How much of an answer is read, in bytes. @defaultValue 50_000_000 */
  readonly maxBodyBytes?: number | undefined;
}

/**
 * Sends messages to a server's `$process-message`: the Bundle is the body, `async` and `response-url` go into the URL.
 *
 * Each attempt is one request, and one more for each 307 or 308 (at most 5) to the same origin, or to one of `redirectOrigins`: they alone
 * keep the method and the body. Any other 3xx is a receipt like every answer. A page can follow no redirect: the platform shows it as status 0.
 *
 * @throws {MessagingError} `transport.failed` when the connection fails, or no headers could be had; `reply.invalid` when a successful
 * answer is larger than `maxBodyBytes`.
 * @throws {TypeError} at once, when the `baseUrl` or one of `redirectOrigins` is missing, of another scheme than http(s), with userinfo, or relative;
 * but the `baseUrl` may be relative in a page, with a `fetch` of your own, or where it begins with `/`.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example processMessageTransport({ baseUrl: 'https://fhir.example.org/r4', headers: { authorization: `Bearer ${token}` } })
 */
export function processMessageTransport(options: ProcessMessageTransportOptions): Transport {
  const { baseUrl, path = '$process-message', maxBodyBytes = 50_000_000, redirectOrigins = [] } = options;
  requireHttpBase(options, 'processMessageTransport');
  const allowed = redirectOrigins.map((given) => {
    requireHttpUrl(given, 'redirectOrigins');
    return new URL(given).origin;
  });
  return async function processMessage({ bytes, message, attempt, async, responseUrl, onLeaving, signal }: Outgoing): Promise<Receipt> {
    try {
      const headers = await headersFor(options, { message, attempt, signal });
      // The headers may have come too late: an attempt that is over sends nothing.
      signal.throwIfAborted();
      onLeaving?.();
      signal.throwIfAborted();
      const post = (url: string, given: Headers): Promise<Response> => (options.fetch ?? fetch)(url, { method: 'POST', headers: given, body: bytes, signal, redirect: 'manual' });
      const url = messageUrl({ baseUrl, path, async, responseUrl });
      const response = await followRedirects(await post(url, headers), url, allowed, (target, isOwn) => post(target, isOwn ? headers : withoutOwn(headers)));
      const { status } = response;
      const custody = response.ok && options.accepts?.[status] === 'accepted';
      return { status, headers: response.headers, body: await readBody(response, maxBodyBytes), ...(custody && { custody }) };
    } catch (cause) {
      signal.throwIfAborted();
      throw isMessagingError(cause) ? cause : connectionError(cause);
    }
  };
}

async function headersFor({ headers: given, contentType = fhirJson }: ProcessMessageTransportOptions, context: HeadersContext): Promise<Headers> {
  let asked: HeadersLike | undefined;
  try {
    asked = typeof given === 'function' ? await given(context) : given;
  } catch (cause) {
    throw new MessagingError('transport.failed', 'There are no headers: nothing was sent.', { delivery: 'no', cause });
  }
  try {
    const headers = fhirHeaders(asked);
    headers.set('content-type', contentType);
    return headers;
  } catch {
    // The platform's error quotes the value of a bad header, which may be a token: it is not passed on.
    throw new MessagingError('transport.failed', 'A header is no HTTP header: nothing was sent.', { delivery: 'no' });
  }
}

/** The headers that may go to another origin: they say what the message is, not who sends it. */
function withoutOwn(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => name === 'content-type' || name === 'accept'));
}

/** Nobody took the connection; or the client itself refused the server's certificate, before a request left: the server's alerts are none of these. */
const neverConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_INVALID_URL|UND_ERR_CONNECT_TIMEOUT)$|CERT_|_CERT$|_LEAF_/;

/**
 * The error of a connection. The message surely did not arrive where nobody took the connection, or the server's certificate was refused here; nobody can
 * tell where it was open already, which fails on a read or write with the same codes. The platform's error quotes URLs and answers: only its code is
 * passed on.
 */
function connectionError(thrown: unknown): MessagingError {
  // node-fetch has them on its own error, and the system call only in words.
  const cause = member(thrown, 'cause') ?? thrown;
  const code = textIn(cause, 'code') ?? '';
  const wasOpen = /(^|reason: )(read|write)/.test(textIn(cause, 'syscall') ?? textIn(cause, 'message') ?? '');
  const delivery = neverConnected.test(code) && !wasOpen ? 'no' : 'unknown';
  return new MessagingError('transport.failed', `The connection to the server failed${code && ` (${code})`}.`, { delivery });
}
