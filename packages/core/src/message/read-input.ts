import { MessagingError } from '../errors.ts';
import { itemsOf, member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { graphOfJson } from '../graph/graph-of.ts';
import type { ParseGraphOptions } from '../graph/parse-graph.ts';
import { parseJson } from '../graph/parse-json.ts';

/** A message to read: its text, its bytes, or the value that it was parsed to. */
export type MessageInput = string | Uint8Array | object;

/** How much a reader takes before it refuses. */
export interface ReadLimits {
  /** The most bytes; for a text the most characters, as JavaScript counts them, which may be fewer. @defaultValue 50_000_000 */
  readonly maxBytes?: number | undefined;
  /** The most entries of the Bundle. @defaultValue 100_000 */
  readonly maxEntries?: number | undefined;
}

/** An input, read. */
export interface ReadInput {
  readonly graph: BundleGraph<Resource>;
  /** Gives the bytes as they came; `undefined` where the input was a parsed value. */
  readonly copyBytes: () => Uint8Array<ArrayBuffer> | undefined;
  /** Whether only the tolerant parser could read it. */
  readonly tolerant: boolean;
}

/** The graph of an input, within the limits. @throws {MessagingError} `input.limit`, `json.invalid`. */
export function readInput(input: MessageInput, { limits = {}, ...options }: ParseGraphOptions & { readonly limits?: ReadLimits | undefined }): ReadInput {
  const { maxBytes = 50_000_000, maxEntries = 100_000 } = limits;
  const isBytes = input instanceof Uint8Array;
  if (isBytes || typeof input === 'string') {
    requireWithin(input.length, maxBytes, 'bytes');
  }
  const text = isBytes ? decode(input) : input;
  const { value, tolerant } = typeof text === 'string' ? parseJson(text, options) : { value: text, tolerant: false };
  requireWithin(itemsOf(member(value, 'entry')).length, maxEntries, 'entries');
  const graph = graphOfJson<Resource>(value, options);
  return {
    graph,
    tolerant,
    copyBytes: () => (isBytes ? new Uint8Array(input) : typeof text === 'string' ? new TextEncoder().encode(text) : undefined),
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MessagingError('json.invalid', 'The bytes are not UTF-8, which JSON has to be.', { cause });
  }
}

function requireWithin(size: number, limit: number, unit: string): void {
  if (size > limit) {
    throw new MessagingError('input.limit', `The input has ${size} ${unit}; at most ${limit} are read.`);
  }
}
