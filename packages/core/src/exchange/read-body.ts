import { MessagingError } from '../errors.ts';

/**
 * The whole body of an answer, counted while it is read; `undefined` where there is none.
 *
 * @throws {MessagingError} `transport.failed` when it is larger than the limit.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (response.body === null) {
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new MessagingError('transport.failed', `The answer has more than ${maxBytes} bytes.`, { delivery: 'unknown', status: response.status });
    }
    chunks.push(chunk.value);
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
