import type { JsonObject } from '../fhir/json.ts';
import { valueAtPath } from '../reference/value-at-path.ts';

/** A find: its facts, and its resource, or the value at a path of it, which is read and copied when it is asked for. */
export class Found {
  readonly #holder: { readonly resource: JsonObject | undefined } | undefined;
  readonly #path: string;
  declare readonly key: string;

  // `resource` is the class's getter: one of each object's own would cost more than all the rest.
  constructor(facts: { readonly key: string; readonly [fact: string]: unknown }, holder: { readonly resource: JsonObject | undefined } | undefined, path = '') {
    this.#holder = holder;
    this.#path = path;
    Object.freeze(Object.assign(this, facts));
  }

  get resource(): unknown {
    return valueAtPath(this.#holder?.resource, this.#path);
  }
}
