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

/** A resource that could not be read, and why. */
export interface Failed {
  readonly type: string;
  /** The version that was asked for. */
  readonly version: string | undefined;
  readonly failure: IssueCode;
}

/** The resources found so far: those that were read, in the order in which they were found, and those that could not be. */
export class Collection {
  readonly #event: AnyEvent;
  readonly #found = new Set<string>();
  readonly #countByType = new Map<string, number>();
  readonly taken: Map<string, Taken> = new Map<string, Taken>();
  readonly failed: Map<string, Failed> = new Map<string, Failed>();

  constructor(event: AnyEvent) {
    this.#event = event;
  }

  /** How many resources were found, those already read included. */
  get size(): number {
    return this.#found.size;
  }

  /**
   * Counts a target as found; `false` where it was found before, or the contract takes no more of its type. The present version counts as new where
   * an old one could not be read.
   */
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

  /** Counts a target as failed; its slot is free for another one. */
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
