/** A parsed object. */
export type Members = Readonly<Record<string, unknown>>;

/** The kind of a member's value. */
type MemberKind = 'plain' | 'list' | 'object';

/** The order and the kinds of an object's members. */
export interface MemberLayout {
  /** Their names, in the object's own order. */
  readonly names: readonly string[];
  readonly kinds: readonly MemberKind[];
  /** The names of the plain values, of the lists and of the objects, each sorted: the same text for objects that differ only in their order. */
  readonly shape: string;
  /** The positions of the plain values among the members, in the order of the shape. */
  readonly plain: readonly number[];
  /** The positions of the lists and then of the objects, each with a place of its own. */
  readonly nested: readonly { readonly at: number; readonly place: LayoutPlace }[];
  /** The layout that followed at the same place the last time. */
  next: MemberLayout | undefined;
}

/** Somewhere in a message where objects stand, such as the codings of a condition's code, with the layouts that were seen there. */
export interface LayoutPlace {
  readonly seen: MemberLayout[];
  last: MemberLayout | undefined;
}

/** How much is remembered: FHIR's names are shorter and fewer, and few of its layouts share a place. */
const maxNameLength = 64;
const maxNames = 100;
const maxSeen = 32;
const maxLayouts = 10_000;

let top = newPlace();
let layouts = 0;

/** The place of whole messages; it begins anew for the next message when enough layouts are remembered. */
export function topPlace(): LayoutPlace {
  if (layouts >= maxLayouts) {
    layouts = 0;
    top = newPlace();
  }
  return top;
}

function kindOf(member: unknown): MemberKind {
  return typeof member !== 'object' || member === null ? 'plain' : Array.isArray(member) ? 'list' : 'object';
}

/**
 * The layout of the next object at a place: most often the layout that followed the previous one the last time too.
 *
 * @param members - takes the object's members, in its own order, from `start` on.
 */
export function nextLayout(place: LayoutPlace, value: Members, members: unknown[], start: number): MemberLayout {
  const expected = place.last?.next ?? place.last;
  if (expected !== undefined && fits(expected, value, members, start)) {
    follow(expected, place);
    return expected;
  }
  for (const layout of place.seen) {
    if (fits(layout, value, members, start)) {
      follow(layout, place);
      return layout;
    }
  }
  const layout = newLayout(value);
  fits(layout, value, members, start);
  if (layouts < maxLayouts && place.seen.length < maxSeen && layout.names.length <= maxNames && layout.names.every(({ length }) => length <= maxNameLength)) {
    layouts += 1;
    place.seen.push(layout);
    follow(layout, place);
  }
  return layout;
}

/** Links a layout to the one before it. Only remembered layouts are linked: a chain of others would never end. */
function follow(layout: MemberLayout, place: LayoutPlace): void {
  if (place.last !== undefined) {
    place.last.next = layout;
  }
  place.last = layout;
}

/** Whether an object's members have the order and the kinds of a layout. */
function fits({ names, kinds }: MemberLayout, value: Members, members: unknown[], start: number): boolean {
  let at = 0;
  for (const name in value) {
    const member = value[name];
    if (names[at] !== name || kinds[at] !== kindOf(member)) return false;
    members[start + at] = member;
    at += 1;
  }
  return at === names.length;
}

function newLayout(value: Members): MemberLayout {
  const members = Object.entries(value).map(([name, member], at) => ({ name, at, kind: kindOf(member) }));
  const sorted = [...members].sort((one, other) => (one.name < other.name ? -1 : 1));
  const [plain, lists, objects] = [sorted.filter(({ kind }) => kind === 'plain'), sorted.filter(({ kind }) => kind === 'list'), sorted.filter(({ kind }) => kind === 'object')];
  return {
    names: members.map(({ name }) => name),
    kinds: members.map(({ kind }) => kind),
    shape: [plain, lists, objects].map((some) => `${some.length}.${some.map(({ name }) => withLength(name)).join('')}`).join(''),
    plain: plain.map(({ at }) => at),
    nested: [...lists, ...objects].map(({ at }) => ({ at, place: newPlace() })),
    next: undefined,
  };
}

function newPlace(): LayoutPlace {
  return { seen: [], last: undefined };
}

/** A name after its length, by which its end can be told; JSON would quote the name, which is slow to quote again. */
function withLength(name: string): string {
  return `${name.length}.${name}`;
}
