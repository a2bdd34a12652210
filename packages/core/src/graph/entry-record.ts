import { groupBy, remembered } from '../fhir/groups.ts';
import { isObject, itemsOf, member, objectIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { parseRestfulUrl } from '../reference/parse-reference.ts';
import type { RestfulUrl } from '../reference/parse-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import { referencesOf } from '../reference/walk-references.ts';
import type { ReferenceSite } from '../reference/walk-references.ts';
import { Found } from './found.ts';
import { frozenCopy } from './frozen-copy.ts';

const nothing: JsonObject = Object.freeze({});

/**
 * One entry and the facts derived from it, shared by every version of the graph that holds it.
 *
 * It borrows the caller's object until somebody asks for the entry; from then on it reads its own frozen copy.
 */
export class EntryRecord {
  readonly fullUrl: string | undefined;
  /** The parts of `fullUrl` where it looks like a FHIR server's. */
  readonly restful: RestfulUrl | undefined;
  #entry: JsonObject;
  /** The resource as it is read at present, borrowed or copied; `nothing` where there is none. */
  #glimpse: JsonObject | undefined;
  #isFrozen: boolean;
  #view: Found | undefined;
  #references: readonly ReferenceSite[] | undefined;
  #contained: Map<string, ReadonlyMap<string, readonly number[]>> | undefined;

  /**
   * Borrows an entry.
   *
   * @param isFrozen - whether the entry is a frozen copy already.
   */
  constructor(entry: unknown, isFrozen = false) {
    this.#entry = isObject(entry) ? entry : nothing;
    this.#isFrozen = isFrozen;
    this.fullUrl = textIn(entry, 'fullUrl');
    this.restful = parseRestfulUrl(this.fullUrl);
  }

  /** Takes its own copy, if it has none yet. */
  freeze(): this {
    if (!this.#isFrozen) {
      this.#entry = frozenCopy(this.#entry);
      this.#glimpse = undefined;
      this.#isFrozen = true;
    }
    return this;
  }

  /** The frozen entry. */
  get entry(): JsonObject {
    return this.freeze().#entry;
  }

  /** The frozen resource, or `undefined` where the entry has none. */
  get resource(): JsonObject | undefined {
    return this.freeze().holdsResource ? this.glimpse : undefined;
  }

  /** The resource to look at, which makes no copy. */
  get glimpse(): JsonObject {
    return (this.#glimpse ??= objectIn(this.#entry, 'resource') ?? nothing);
  }

  /** The entry to look at, which makes no copy. */
  get entryGlimpse(): JsonObject {
    return this.#entry;
  }

  get holdsResource(): boolean {
    return this.glimpse !== nothing;
  }

  get type(): string | undefined {
    return textIn(this.glimpse, 'resourceType');
  }

  get id(): string | undefined {
    return textIn(this.glimpse, 'id');
  }

  get versionId(): string | undefined {
    return textIn(member(this.glimpse, 'meta'), 'versionId');
  }

  /** The entry as a graph shows it under a key; the same object as long as the key is the same. */
  viewAs(key: string): object {
    if (this.#view?.key !== key) {
      this.#view = new Found({ key, fullUrl: this.fullUrl }, this);
    }
    return this.#view;
  }

  /** The references in the resource, walked once. */
  get references(): readonly ReferenceSite[] {
    return (this.#references ??= referencesOf(this.glimpse));
  }

  /** The positions of the contained resources with an id, in the resource at a path. */
  containedAt(path: string, id: string): readonly number[] {
    const byId = remembered((this.#contained ??= new Map<string, ReadonlyMap<string, readonly number[]>>()), path, () => {
      const resources = itemsOf(valueAtPath(this.glimpse, `${path}.contained`));
      return groupBy(resources.keys(), (position) => textIn(resources[position], 'id'));
    });
    return byId.get(id) ?? [];
  }
}
