import type { FhirResource } from 'fhir/r4';
import type { Resource } from '../fhir/resource.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { graphOfJson } from './graph-of.ts';
import { parseJson } from './parse-json.ts';
import type { ParseOptions } from './parse-json.ts';

/** How a text is read as a graph. */
export interface ParseGraphOptions extends ParseOptions {
  /** How references are read, unless a call says otherwise. @defaultValue 'strict' */
  readonly mode?: ResolutionMode | undefined;
}

/**
 * The graph of a Bundle in a JSON text. JSON that is no Bundle reads as one without entries: `checkMessage` says what it is instead.
 *
 * @throws {MessagingError} `json.invalid`, with the line, the column and what was expected there; `input.limit`, from the call that first reads
 * it, when something is nested more than 200 levels deep.
 * @example parseGraph(await response.text()).all('Patient')
 */
export function parseGraph<TResource extends Resource = FhirResource>(text: string, options: ParseGraphOptions = {}): BundleGraph<TResource> {
  return graphOfJson<TResource>(parseJson(text, options).value, options);
}
