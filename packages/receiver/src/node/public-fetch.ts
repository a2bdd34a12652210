import { request as requestHttp } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { AddressCheckingFetch } from '../reply-address/reply-to.ts';
import { addressRefused, checkedLookup, resolveBySystem } from './checked-lookup.ts';
import type { ResolveName } from './checked-lookup.ts';
import { isPublicAddress } from './is-public-address.ts';

/** The options of a {@link publicFetch}. */
export interface PublicFetchOptions {
  /** Origins that may be at any address, each written out, for your own network: `http://127.0.0.1:8080`. @defaultValue none */
  readonly privateOrigins?: readonly string[] | undefined;
  /** Resolves the names of hosts that are not among `privateOrigins`. @defaultValue the operating system's */
  readonly resolve?: ResolveName | undefined;
}

/**
 * A `fetch` that connects to public addresses only, for replies that go where somebody else says.
 *
 * Each request opens a new connection, to the very address that was checked; redirects are not followed; a URL with a user's name, or of
 * another scheme than http and https, is refused.
 *
 * @throws {TypeError} when one of `privateOrigins` is no URL. @throws {MessagingError} by the fetch: `address.refused`, before anything is contacted.
 * @example createReceiver({ source, cache, replyTo: { origins: originsOf, fetch: publicFetch() } })
 */
export function publicFetch({ privateOrigins = [], resolve = resolveBySystem }: PublicFetchOptions = {}): AddressCheckingFetch {
  const exempt: ReadonlySet<string> = new Set(privateOrigins.map((origin) => new URL(origin).origin));
  const lookup = checkedLookup(resolve);
  const send = async (...input: Parameters<typeof fetch>): Promise<Response> => {
    const [target] = input;
    const url = new URL(target instanceof Request ? target.url : target);
    const isExempt = exempt.has(url.origin);
    requireContactable(url, isExempt);
    const request = new Request(...input);
    const body = new Uint8Array(await request.arrayBuffer());
    const headers = { ...Object.fromEntries(request.headers), 'content-length': String(body.byteLength) };
    const options = { method: request.method, headers, signal: request.signal, agent: false, ...(!isExempt && { lookup }) };
    return responseOf(await exchange(url, options, body));
  };
  return Object.assign(send, { checksAddresses: true } as const);
}

/** Throws for a URL that is refused as it stands; a host that is an IP address is never looked up. */
function requireContactable({ protocol, username, password, hostname }: URL, isExempt: boolean): void {
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw addressRefused('Replies go to http and https only.');
  }
  if (username !== '' || password !== '') {
    throw addressRefused('The URL holds the name of a user.');
  }
  const address = hostname.replace(/^\[|\]$/g, '');
  if (!isExempt && isIP(address) > 0 && !isPublicAddress(address)) {
    throw addressRefused('The address is not public.');
  }
}

function exchange(url: URL, options: RequestOptions, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, options, resolve);
    request.on('error', reject);
    // After an upgrade that was not asked for, no answer comes in HTTP.
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('The server changes to another protocol.'));
    });
    request.on('close', () => reject(new Error('The connection was closed without an answer.')));
    request.end(body);
  });
}

const withoutBody: ReadonlySet<number | undefined> = new Set([204, 205, 304]);

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode, rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  if (withoutBody.has(statusCode)) {
    incoming.resume();
    return new Response(null, { status: statusCode ?? 204, headers });
  }
  return new Response(bodyOf(incoming), { status: statusCode ?? 502, headers });
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array, undefined> = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) {
        controller.close();
      } else {
        controller.enqueue(next.value);
      }
    },
    cancel() {
      incoming.destroy();
    },
  });
}
