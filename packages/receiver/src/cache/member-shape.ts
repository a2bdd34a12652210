/** What an object is made of: the names of its members, those of plain values, of lists and of objects apart, each in one order. */
export interface MemberShape {
  /** No other shape has this text. */
  readonly text: string;
  /** Where among the object's members its plain values stand, in the order of the text. */
  readonly plain: readonly number[];
  /** The same of its lists and then its objects. */
  readonly nested: readonly number[];
}

/** A member after those that led here; the shape of all of them where an object ended here. */
export interface MemberStep {
  readonly next: Map<string, MemberStep>;
  /** The member that came here last: most objects that begin alike go on alike. */
  lastName: string | undefined;
  last: MemberStep | undefined;
  /** The same member where it holds a list, or an object. */
  list: MemberStep | undefined;
  object: MemberStep | undefined;
  shape: MemberShape | undefined;
}

/** How much is remembered: names that FHIR has are shorter, and messages of one sender have a few hundred steps. */
const maxNameLength = 64;
const maxSteps = 10_000;

let first = newStep();
let steps = 0;

/** Where the steps along an object's members begin. */
export function firstStep(): MemberStep {
  return first;
}

/** The step to the next member of an object. */
export function stepTo(name: string, value: unknown, after: MemberStep): MemberStep {
  const step = after.last !== undefined && after.lastName === name ? after.last : findStep(name, after);
  if (typeof value !== 'object' || value === null) {
    return step;
  }
  return Array.isArray(value) ? (step.list ??= newStep()) : (step.object ??= newStep());
}

/** The shape of an object that these steps led through; found once for all objects whose members stand in the same order, as most of a kind do. */
export function shapeAt(step: MemberStep, value: Readonly<Record<string, unknown>>): MemberShape {
  return (step.shape ??= shapeOf(value));
}

function findStep(name: string, after: MemberStep): MemberStep {
  const known = after.next.get(name);
  const step = known ?? newStep();
  if (name.length > maxNameLength) {
    return step;
  }
  if (known === undefined) {
    remember(name, step, after);
  }
  after.lastName = name;
  after.last = step;
  return step;
}

function remember(name: string, step: MemberStep, after: MemberStep): void {
  if (steps >= maxSteps) {
    steps = 0;
    first = newStep();
  }
  steps += 1;
  after.next.set(name, step);
}

function newStep(): MemberStep {
  return { next: new Map(), lastName: undefined, last: undefined, list: undefined, object: undefined, shape: undefined };
}

function shapeOf(value: Readonly<Record<string, unknown>>): MemberShape {
  const members = Object.entries(value).map(([name, member], place) => ({ name, place, isList: Array.isArray(member), isPlain: typeof member !== 'object' || member === null }));
  members.sort((one, other) => (one.name < other.name ? -1 : 1));
  const plain = members.filter(({ isPlain }) => isPlain);
  const lists = members.filter(({ isList }) => isList);
  const objects = members.filter(({ isPlain, isList }) => !isPlain && !isList);
  const placesOf = (some: typeof members): number[] => some.map(({ place }) => place);
  const text = [plain, lists, objects].map((some) => `${some.length}.${some.map(({ name }) => withLength(name)).join('')}`).join('');
  return { text, plain: placesOf(plain), nested: placesOf([...lists, ...objects]) };
}

/** With its length before it a name can be told from what follows it; JSON would quote it, which is slow to quote again. */
function withLength(name: string): string {
  return `${name.length}.${name}`;
}
