import type { FhirResource } from 'fhir/r4';
import { isObject, textIn } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { graphOfJson } from './graph-of.ts';
import { jsonError, parseJson } from './parse-json.ts';
import type { ParseOptions } from './parse-json.ts';

/** How a text is read as a graph. */
export interface ParseGraphOptions extends ParseOptions {
  /** How references are read, unless a call says otherwise. @defaultValue 'strict' */
  readonly mode?: ResolutionMode | undefined;
}

/**
 * The graph of a Bundle in a JSON text. Any other object reads as one with what its `entry` lists, as `graphOf` reads it: {@link safeReadMessage} says what
 * is wrong with it.
 *
 * @throws {MessagingError} `json.invalid`, with the line, the column and what was expected there, or without where the JSON is no object; `input.limit`,
 * from the call that first reads it, when something is nested more than 200 levels deep.
 * @example parseGraph(await response.text()).all('Patient')
 */
export function parseGraph<TResource extends Resource = FhirResource>(text: string, options: ParseGraphOptions = {}): BundleGraph<TResource> {
  const { value, tolerant } = parseJson(text, options);
  // Where there is nothing to read, a parser that never throws gives nothing, or an object without anything.
  if (!isObject(value) || (tolerant && textIn(value, 'resourceType') === undefined)) {
    throw jsonError(text);
  }
  return graphOfJson<TResource>(value, options);
}
