import { MessagingError } from '../errors.ts';
import { withTimeLimit } from './time-limit.ts';

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** How long to wait for the body of an answer that is no success, whose status says what matters. */
const errorBodyMs = 5_000;

/**
 * The whole body of an answer; `undefined` where it has none. The size is counted while the body is read, or afterwards without a web stream.
 *
 * An answer that is no success keeps its status whatever becomes of its body: a body that breaks off, stalls for five seconds, or is past the limit,
 * reads as none.
 *
 * @throws {MessagingError} `reply.invalid`, delivery `yes`, when a success is larger than the limit.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const { ok } = response;
  const reader = readerOf(response);
  const reading = readWhole(response, reader, maxBytes);
  try {
    return await (ok ? reading : withTimeLimit(errorBodyMs, undefined, () => reading));
  } catch (error) {
    if (ok) {
      throw error;
    }
    return undefined;
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

/** The reader of a web stream, or `undefined`: React Native has no stream, and node-fetch one of Node's own. */
function readerOf({ body }: { readonly body: ReadableStream<Uint8Array> | null | undefined }): Reader | undefined {
  return body && 'getReader' in body ? body.getReader() : undefined;
}

async function readWhole(response: Response, reader: Reader | undefined, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new MessagingError('reply.invalid', `The answer has more than ${maxBytes} bytes.`, { delivery: 'yes', status: response.status });
    }
    chunks.push(chunk);
  };
  if (reader) {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) take(chunk.value);
  } else {
    // Not `arrayBuffer`, which React Native lacked for long.
    take(new TextEncoder().encode(await response.text()));
  }
  return size === 0 ? undefined : concatenate(chunks, size);
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
