import { MessagingError } from '../errors.ts';

/**
 * The whole body of an answer, counted while it is read; `undefined` where there is none.
 *
 * An answer that is no success keeps its status whatever becomes of its body: one that breaks off, or is past the limit, reads as none.
 *
 * @throws {MessagingError} `reply.invalid`, delivery `yes`, when a success is larger than the limit.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (response.body === null) {
    return undefined;
  }
  const { status, ok } = response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      size += chunk.value.byteLength;
      if (size > maxBytes) {
        void reader.cancel().catch(() => undefined);
        throw new MessagingError('reply.invalid', `The answer has more than ${maxBytes} bytes.`, { delivery: 'yes', status });
      }
      chunks.push(chunk.value);
    }
  } catch (error) {
    if (ok) {
      throw error;
    }
    return undefined;
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
