import { MessagingError } from '../errors.ts';
import { itemsOf, member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { graphOfJson } from '../graph/graph-of.ts';
import { GraphState } from '../graph/graph-state.ts';
import { graphFrom, isGraph, stateOf } from '../graph/graph-value.ts';
import type { ParseGraphOptions } from '../graph/parse-graph.ts';
import { parseJson } from '../graph/parse-json.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';

/** A message to read: its text, its bytes (an ArrayBuffer, or a view of one), the value that it was parsed to, its graph, or a message. */
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
  /** Gives the bytes as they came, or as the message has them; `undefined` where the input was a parsed value or a graph. */
  readonly copyBytes: () => Uint8Array<ArrayBuffer> | undefined;
  /** Whether only the tolerant parser could read it. */
  readonly tolerant: boolean;
}

/** The graph of an input, in the mode of the options, within the limits. @throws {MessagingError} `input.limit`, `json.invalid`. */
export function readInput(input: MessageInput, { limits = {}, ...options }: ParseGraphOptions & { readonly limits?: ReadLimits | undefined }): ReadInput {
  const { maxBytes = 50_000_000, maxEntries = 100_000 } = limits;
  const given = isGraph(input) ? input : member(input, 'graph');
  if (isGraph(given)) {
    return { graph: graphIn(given, options.mode ?? 'strict'), tolerant: false, copyBytes: () => copyOf(bytesIn(member(input, 'bytes'))) };
  }
  const bytes = bytesIn(input);
  requireWithin(bytes?.length ?? (typeof input === 'string' ? input.length : 0), maxBytes, 'bytes');
  const text = bytes ? decode(bytes) : input;
  const { value, tolerant } = typeof text === 'string' ? parseJson(text, options) : { value: text, tolerant: false };
  requireWithin(itemsOf(member(value, 'entry')).length, maxEntries, 'entries');
  const graph = graphOfJson<Resource>(value, options);
  return { graph, tolerant, copyBytes: () => copyOf(bytes) ?? (typeof text === 'string' ? new TextEncoder().encode(text) : undefined) };
}

function graphIn(graph: BundleGraph<Resource>, mode: ResolutionMode): BundleGraph<Resource> {
  const { envelope, records, index, mode: own } = stateOf(graph);
  return own === mode ? graph : graphFrom(new GraphState(envelope, records, mode, index));
}

/** The bytes that a value holds, of any realm: a test runner's environment, or a frame, has a Uint8Array of its own. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array<ArrayBuffer> | undefined {
  return bytes && new Uint8Array(bytes);
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
