import { parseCardinality } from '../../event/cardinality.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import type { IssueCode } from '../../fhir/codes.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { EntryRecord } from '../../graph/entry-record.ts';
import type { Target } from './target.ts';

/** A resource that goes into the payload. */
export interface Taken {
  readonly target: Target;
  readonly record: EntryRecord;
}

/** Why a resource could not be had. */
export interface Failed {
  readonly type: string;
  /** The version that was asked for. */
  readonly version: string | undefined;
  readonly failure: IssueCode;
}

/** What is found so far, what of it was read, in the order in which it was found, and what could not be. */
export class Collection {
  readonly #event: AnyEvent;
  readonly #found = new Set<string>();
  readonly #countByType = new Map<string, number>();
  readonly taken: Map<string, Taken> = new Map<string, Taken>();
  readonly failed: Map<string, Failed> = new Map<string, Failed>();

  constructor(event: AnyEvent) {
    this.#event = event;
  }

  /** How many resources are to be read, those that were included. */
  get size(): number {
    return this.#found.size;
  }

  /** Counts a target as found; `false` where it was found before, or the contract takes no more of its type. Where an old version could not be had, the present one is another. */
  find({ key, type, version }: Target): boolean {
    const isOther = version === undefined && this.failed.get(key)?.version !== undefined;
    if ((this.#found.has(key) && !isOther) || this.#countOf(type) >= this.#mostOf(type)) {
      return false;
    }
    this.#found.add(key);
    this.failed.delete(key);
    this.#countByType.set(type, this.#countOf(type) + 1);
    return true;
  }

  take(target: Target, resource: JsonObject): void {
    this.taken.set(target.key, { target, record: new EntryRecord({ fullUrl: target.key, resource }) });
  }

  /** What could not be read leaves its slot to another one. */
  fail({ key, type, version }: Target, failure: IssueCode): void {
    this.failed.set(key, { type, version, failure });
    this.#countByType.set(type, this.#countOf(type) - 1);
  }

  #countOf(type: string): number {
    return this.#countByType.get(type) ?? 0;
  }

  #mostOf(type: string): number {
    const { payload } = this.#event;
    return (Object.hasOwn(payload, type) && parseCardinality(payload[type] ?? '')?.max) || 0;
  }
}
