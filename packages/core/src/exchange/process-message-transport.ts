import { MessagingError } from '../errors.ts';
import type { Message } from '../message/message.ts';
import { readBody } from './read-body.ts';
import type { Outgoing, Receipt, Transport } from './transport.ts';

/** What is known of the attempt that headers are asked for. */
export interface HeadersContext {
  readonly message: Message;
  /** Counted from 1. */
  readonly attempt: number;
}

/** Where and how messages are posted. */
export interface ProcessMessageTransportOptions {
  /** The server's base URL, such as `https://fhir.example.org/v4`. */
  readonly baseUrl: string;
  /** What is posted to, below the base. @defaultValue '$process-message' */
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
 * @throws {MessagingError} `transport.failed` when the connection fails, or the answer is larger than `maxBodyBytes`.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example processMessageTransport({ baseUrl: 'https://fhir.example.org/r4', headers: { authorization: `Bearer ${token}` } })
 */
export function processMessageTransport(options: ProcessMessageTransportOptions): Transport {
  const send = options.fetch ?? fetch;
  const maxBodyBytes = options.maxBodyBytes ?? 50_000_000;
  return async function processMessage(outgoing: Outgoing): Promise<Receipt> {
    const { bytes, message, attempt, signal } = outgoing;
    const url = messageUrl(options, outgoing);
    const headers = new Headers(typeof options.headers === 'function' ? await options.headers({ message, attempt }) : options.headers);
    headers.set('content-type', options.contentType ?? 'application/fhir+json');
    if (!headers.has('accept')) {
      headers.set('accept', 'application/fhir+json');
    }
    try {
      const response = await send(url, { method: 'POST', headers, body: bytes, signal, redirect: 'manual' });
      return { status: response.status, headers: response.headers, body: await readBody(response, maxBodyBytes) };
    } catch (cause) {
      signal.throwIfAborted();
      throw connectionError(cause);
    }
  };
}

/** The URL that a message is posted to; the operation is not written twice where the base already ends in it. @internal */
export function messageUrl(
  { baseUrl, path = '$process-message' }: Pick<ProcessMessageTransportOptions, 'baseUrl' | 'path'>,
  { async, responseUrl }: Pick<Outgoing, 'async' | 'responseUrl'> = {},
): string {
  const base = baseUrl.replace(/\/+$/, '');
  const url = base.endsWith(`/${path}`) ? base : `${base}/${path.replace(/^\/+/, '')}`;
  const query = [
    ...(async === true ? ['async=true'] : []),
    ...(responseUrl === undefined ? [] : [`response-url=${encodeURIComponent(responseUrl)}`]),
  ];
  return query.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`;
}

const neverConnected: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Nobody took the connection: the message surely did not arrive. In every other case nobody can tell. */
function connectionError(cause: unknown): MessagingError {
  if (cause instanceof MessagingError) {
    return cause;
  }
  const inner: unknown = cause instanceof Error ? cause.cause : undefined;
  const code = typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
  const delivery = neverConnected.has(code) ? 'no' : 'unknown';
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new MessagingError('transport.failed', `The connection to the server failed${why}.`, { delivery, cause });
}
