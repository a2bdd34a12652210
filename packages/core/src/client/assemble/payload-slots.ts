import { parseCardinality } from '../../event/cardinality.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { groupBy } from '../../fhir/groups.ts';
import type { Issue } from '../../fhir/issue.ts';
import type { Taken } from './taken.ts';

/** The resources that were taken, by the slots of the contract. */
export class PayloadSlots {
  readonly #event: AnyEvent;
  readonly #byType: ReadonlyMap<string, readonly Taken[]>;

  constructor(event: AnyEvent, taken: Iterable<Taken>) {
    this.#event = event;
    this.#byType = groupBy(taken, ({ target }) => target.type);
  }

  /** A path in a resource (`Observation.hasMember[0]`) as one from the payload, where the slot is a list: `Observation[3].hasMember[0]`. */
  pathOf(taken: Taken, path: string): string {
    const { type } = taken.target;
    return this.#isSingle(type) ? path : `${type}[${this.#of(type).indexOf(taken)}]${path.slice(type.length)}`;
  }

  /** Whether the contract asks for more of a type than there are. */
  lacks(type: string): boolean {
    return this.#of(type).length < (parseCardinality(this.#event.payload[type] ?? '')?.min ?? 0);
  }

  /** An issue for each slot with too few, as the check words it; written here, so that this does not need the table of all rules. */
  get issues(): readonly Issue[] {
    const lacking = Object.entries(this.#event.payload).filter(([type]) => this.lacks(type));
    return lacking.map(([type, cardinality]) => {
      const diagnostics = `There are too few: ${this.#of(type).length} ${type}, where ${cardinality} is asked for.`;
      return { severity: 'error', code: 'required', rule: 'payload.min', expression: [type], diagnostics };
    });
  }

  /** The payload, each resource as it is to be in its slot. */
  payload(slotOf: (taken: Taken) => unknown): object {
    const slots = Object.keys(this.#event.payload).map((type) => {
      const held = this.#of(type).map(slotOf);
      return [type, this.#isSingle(type) ? held[0] : held] as const;
    });
    return Object.fromEntries(slots.filter(([, held]) => held !== undefined));
  }

  #of(type: string): readonly Taken[] {
    return this.#byType.get(type) ?? [];
  }

  #isSingle(type: string): boolean {
    return parseCardinality(this.#event.payload[type] ?? '')?.max === 1;
  }
}
