import { isMessagingError, MessagingError } from '../errors.ts';
import { fhirHeaders, fhirJson } from '../exchange/fhir-headers.ts';
import type { HeadersLike } from '../exchange/fhir-headers.ts';
import { requireHttpBase } from '../exchange/http-base.ts';
import { readBody } from '../exchange/read-body.ts';
import { readOperationOutcome } from '../exchange/read-operation-outcome.ts';
import type { Reader } from './reader.ts';

/** Where and how a reader reads. */
export interface FetchReaderOptions {
  /** The server's base URL, such as `https://fhir.example.org/v4`. */
  readonly baseUrl: string;
  /** @defaultValue the platform's, as it is at each request */
  readonly fetch?: typeof fetch | undefined;
  /** Headers for each request, authorization among them. */
  readonly headers?: HeadersLike | (() => HeadersLike | Promise<HeadersLike>) | undefined;
  /** How much of an answer is read, in bytes. @defaultValue 50_000_000 */
  readonly maxBodyBytes?: number | undefined;
}

/**
 * A reader over any fetch, for a FHIR server's REST API. It follows no redirect, so that its headers go to no other server. An absolute reference on
 * its own base is read there.
 *
 * Its calls reject with a MessagingError: `transport.status` where the answer is no success, `session.expired` where it is 401, both with the
 * server's issues; `transport.failed` where the connection or the headers fail; `reply.invalid` where the answer is no JSON or larger than
 * `maxBodyBytes`. An abort rejects with the signal's own reason.
 *
 * @throws {TypeError} when the `baseUrl` is missing, of another scheme than http(s), with userinfo, or relative where there is neither a page nor a
 * `fetch`, and it does not begin with `/`.
 * @see {@link https://hl7.org/fhir/R4/http.html} RESTful API
 * @example await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader({ baseUrl, headers: { authorization: `Bearer ${token}` } }))
 */
export function fetchReader(options: FetchReaderOptions): Required<Reader> {
  const { maxBodyBytes = 50_000_000, headers: given } = options;
  requireHttpBase(options, 'fetchReader');
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const get: Reader['read'] = (query, { signal }) => request(query.startsWith(`${baseUrl}/`) ? query.slice(baseUrl.length) : `/${query}`, { signal });
  return {
    baseUrl,
    read: get,
    search: get,
    batch: (bundle, { signal }) => request('', { signal, method: 'POST', body: JSON.stringify(bundle) }),
  };

  async function request(path: string, { signal, ...init }: { readonly signal?: AbortSignal | undefined; readonly method?: string; readonly body?: string }): Promise<unknown> {
    let response: Response;
    let body: Uint8Array | undefined;
    try {
      const headers = fhirHeaders(typeof given === 'function' ? await given() : given);
      if (init.body !== undefined) headers.set('content-type', fhirJson);
      response = await (options.fetch ?? fetch)(baseUrl + path, { ...init, headers, redirect: 'manual', ...(signal && { signal }) });
      body = await readBody(response, maxBodyBytes);
    } catch (cause) {
      signal?.throwIfAborted();
      // The platform's error quotes the value of a bad header, which may be a token: it is not passed on.
      throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'A read failed: no connection, or no headers.');
    }
    const { ok, status } = response;
    if (!ok) {
      throw new MessagingError(status === 401 ? 'session.expired' : 'transport.status', `The server answered a read with ${status}.`, { status, issues: readOperationOutcome(body) });
    }
    try {
      const json: unknown = JSON.parse(new TextDecoder().decode(body));
      return json;
    } catch {
      throw new MessagingError('reply.invalid', 'The server answered a read with what is no JSON.', { status });
    }
  }
}
