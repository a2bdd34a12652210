import { isObject, itemsOf, member, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { parseRestfulUrl } from '../reference/parse-reference.ts';
import type { RestfulUrl } from '../reference/parse-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import { referencesOf } from '../reference/walk-references.ts';
import type { ReferenceSite } from '../reference/walk-references.ts';
import { frozenCopy } from './frozen-copy.ts';

const nothing: JsonObject = Object.freeze({});

/**
 * One entry and what was derived from it, shared by every version of the graph that holds it.
 *
 * Until somebody asks for the entry it borrows the caller's object; from then on it reads its own frozen copy.
 */
export class EntryRecord {
  readonly fullUrl: string | undefined;
  /** The parts of `fullUrl` where it looks like a FHIR server's. */
  readonly restful: RestfulUrl | undefined;
  readonly #borrowed: unknown;
  #frozen: JsonObject | undefined;
  #view: EntryView | undefined;
  #references: readonly ReferenceSite[] | undefined;
  #contained: Map<string, ReadonlyMap<string, number>> | undefined;

  constructor(entry: unknown) {
    this.#borrowed = entry;
    this.fullUrl = textIn(entry, 'fullUrl');
    this.restful = parseRestfulUrl(this.fullUrl);
  }

  /** An entry that is a frozen copy already. */
  static ofFrozen(entry: JsonObject): EntryRecord {
    const record = new EntryRecord(entry);
    record.#frozen = entry;
    return record;
  }

  /** The frozen entry. */
  get entry(): JsonObject {
    this.#frozen ??= isObject(this.#borrowed) ? frozenCopy(this.#borrowed) : nothing;
    return this.#frozen;
  }

  /** The frozen resource, or `undefined` where the entry has none. */
  get resource(): JsonObject | undefined {
    return objectOf(member(this.entry, 'resource'));
  }

  /** The resource for looking at, without making a copy for it. */
  get glimpse(): JsonObject {
    return objectOf(member(this.#frozen ?? this.#borrowed, 'resource')) ?? nothing;
  }

  /** The entry for looking at, without making a copy for it. */
  get entryGlimpse(): JsonObject {
    return this.#frozen ?? objectOf(this.#borrowed) ?? nothing;
  }

  get holdsResource(): boolean {
    return isObject(member(this.#frozen ?? this.#borrowed, 'resource'));
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
  viewAs(key: string): EntryView {
    if (this.#view?.key !== key) {
      const resource = (): JsonObject | undefined => this.resource;
      this.#view = Object.freeze({
        key,
        fullUrl: this.fullUrl,
        get resource() {
          return resource();
        },
      });
    }
    return this.#view;
  }

  /** The references in the resource, walked once. */
  get references(): readonly ReferenceSite[] {
    this.#references ??= referencesOf(this.glimpse);
    return this.#references;
  }

  /** Where the contained resources of the resource at a path stand, by id; -1 where several have it. */
  containedAt(path: string): ReadonlyMap<string, number> {
    this.#contained ??= new Map();
    let positions = this.#contained.get(path);
    if (positions === undefined) {
      positions = positionsById(valueAtPath(this.glimpse, `${path}.contained`));
      this.#contained.set(path, positions);
    }
    return positions;
  }
}

function positionsById(resources: unknown): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  itemsOf(resources).forEach((resource, position) => {
    const id = textIn(resource, 'id');
    if (id !== undefined) {
      positions.set(id, positions.has(id) ? -1 : position);
    }
  });
  return positions;
}

interface EntryView {
  readonly key: string;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject | undefined;
}

function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}
