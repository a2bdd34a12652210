import { MessagingError } from '../errors.ts';

/** What a message may be read from: its text, its bytes, or the value that it already was parsed to. */
export type MessageInput = string | Uint8Array | object;

/** How much a reader takes before it refuses. */
export interface ReadLimits {
  /** Of the text or the bytes. @defaultValue 50_000_000 */
  readonly maxBytes?: number | undefined;
  /** Entries of the Bundle. @defaultValue 100_000 */
  readonly maxEntries?: number | undefined;
}

/** The text of an input, or `undefined` where it is a value already. @throws {MessagingError} `input.limit`, `json.invalid`. */
export function textOfInput(input: unknown, limits: ReadLimits = {}): string | undefined {
  const maxBytes = limits.maxBytes ?? 50_000_000;
  if (typeof input === 'string') {
    requireWithin(input.length, maxBytes);
    return input;
  }
  if (!(input instanceof Uint8Array)) {
    return undefined;
  }
  requireWithin(input.byteLength, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch (cause) {
    throw new MessagingError('json.invalid', 'The bytes are not UTF-8, which JSON has to be.', { cause });
  }
}

/** Refuses a Bundle of more entries than the limit. @throws {MessagingError} `input.limit`. */
export function requireEntryLimit(size: number, limits: ReadLimits = {}): void {
  const maxEntries = limits.maxEntries ?? 100_000;
  if (size > maxEntries) {
    throw new MessagingError('input.limit', `The Bundle has ${size} entries; at most ${maxEntries} are read.`);
  }
}

function requireWithin(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new MessagingError('input.limit', `The input has ${bytes} bytes; at most ${maxBytes} are read.`);
  }
}
