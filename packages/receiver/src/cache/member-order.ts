/** The names of an object's members in one order, whatever order they stand in. */
export interface MemberOrder {
  readonly names: readonly string[];
  /** The same as a text, which no other names have. */
  readonly text: string;
}

/** A member after those that led here; the order of all of them where an object ended here. */
interface Step {
  readonly next: Map<string, Step>;
  order: MemberOrder | undefined;
}

/** How much is remembered: names that FHIR has are shorter, and messages of one sender have a few hundred steps. */
const maxNameLength = 64;
const maxSteps = 10_000;

let first: Step = { next: new Map(), order: undefined };
let steps = 0;

/** Puts the names of an object in order; once for all objects whose members stand in the same order, as most of a kind do. */
export function memberOrderOf(value: object): MemberOrder {
  let step = first;
  for (const name in value) {
    const known = step.next.get(name);
    if (known === undefined && name.length > maxNameLength) {
      return orderOf(value);
    }
    step = known ?? remember(name, step);
  }
  return (step.order ??= orderOf(value));
}

function remember(name: string, after: Step): Step {
  if (steps >= maxSteps) {
    steps = 0;
    first = { next: new Map(), order: undefined };
  }
  steps += 1;
  const step: Step = { next: new Map(), order: undefined };
  after.next.set(name, step);
  return step;
}

function orderOf(value: object): MemberOrder {
  const names = Object.keys(value).sort();
  return { names, text: JSON.stringify(names) };
}
