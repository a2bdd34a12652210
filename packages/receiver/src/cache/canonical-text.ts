import { firstStep, shapeAt, stepTo } from './member-shape.ts';

/**
 * A text that is the same for JSON values that differ in the order of their members only, and for no others.
 *
 * It is one JSON list of three: the shapes of the objects, by which each has a number; how the value is put together, in numbers; and the plain
 * values, one after the other.
 */
export function canonicalText(value: unknown): string {
  const writer = new Writer();
  writer.addItems([value]);
  return writer.text();
}

/** What an item of a list is, beside an object, which is told by the number of its shape. */
const plain = -1;
const list = -2;

class Writer {
  readonly #shapes = new Map<string, number>();
  readonly #structure: number[] = [];
  readonly #values: unknown[] = [];
  /** The members of the objects that are being added, those of the innermost last; what is past their number is done with. */
  readonly #members: unknown[] = [];
  #memberCount = 0;

  // The engine writes flat lists several times as fast as code can write the same.
  text(): string {
    return JSON.stringify([[...this.#shapes.keys()], this.#structure, this.#values]);
  }

  addItems(items: readonly unknown[]): void {
    this.#structure.push(items.length);
    for (const item of items) {
      if (isNested(item)) {
        if (Array.isArray(item)) this.#structure.push(list);
        this.#addNested(item);
      } else {
        this.#structure.push(plain);
        this.#values.push(item);
      }
    }
  }

  #addNested(value: Nested): void {
    if (Array.isArray(value)) {
      this.addItems(value);
    } else {
      this.#addMembers(value);
    }
  }

  #addMembers(value: Readonly<Record<string, unknown>>): void {
    const members = this.#members;
    const start = this.#memberCount;
    let end = start;
    let step = firstStep();
    for (const name in value) {
      const member = value[name];
      members[end] = member;
      end += 1;
      step = stepTo(name, member, step);
    }
    this.#memberCount = end;
    const shape = shapeAt(step, value);
    this.#structure.push(this.#numberOf(shape.text));
    for (const place of shape.plain) this.#values.push(members[start + place]);
    for (const place of shape.nested) {
      const member = members[start + place];
      if (isNested(member)) this.#addNested(member);
    }
    this.#memberCount = start;
  }

  #numberOf(shape: string): number {
    const known = this.#shapes.get(shape);
    if (known === undefined) this.#shapes.set(shape, this.#shapes.size);
    return known ?? this.#shapes.size - 1;
  }
}

type Nested = Readonly<Record<string, unknown>>;

function isNested(value: unknown): value is Nested {
  return typeof value === 'object' && value !== null;
}
