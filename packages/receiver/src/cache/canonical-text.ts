import { nextLayout, topPlace } from './member-layout.ts';
import type { LayoutPlace, Members } from './member-layout.ts';

/**
 * A text that is the same for JSON values that differ in the order of their members only, and for no others.
 *
 * It begins with a JSON list of two: the shapes of the objects, each known by its place there; and the structure of the value, in numbers. The
 * plain values follow without separators, since their lengths are among those numbers.
 */
export function canonicalText(value: unknown): string {
  const writer = new Writer();
  writer.addItems([value], topPlace());
  return writer.text();
}

/** The numbers of list items that are no objects; an object has the number of its shape. */
const plain = -1;
const list = -2;

class Writer {
  readonly #shapes = new Map<string, number>();
  readonly #structure: number[] = [];
  #values = '';
  /** The members of the objects that are being added, those of the innermost last; members past `#memberCount` are done with. */
  readonly #members: unknown[] = [];
  #memberCount = 0;

  text(): string {
    const text = JSON.stringify([[...this.#shapes.keys()], this.#structure]) + this.#values;
    // UTF-8, in which the text is digested, makes all lone surrogates alike; JSON escapes each as itself.
    return text.isWellFormed() ? text : JSON.stringify(text);
  }

  addItems(items: readonly unknown[], place: LayoutPlace): void {
    this.#structure.push(items.length);
    for (const item of items) {
      if (!isNested(item)) {
        this.#structure.push(plain);
        this.#addPlain(item);
      } else if (Array.isArray(item)) {
        this.#structure.push(list);
        this.addItems(item, place);
      } else {
        this.#addObject(item, place);
      }
    }
  }

  /** An even number stands for a text, an odd one for anything else. */
  #addPlain(value: unknown): void {
    const text = typeof value === 'string' ? value : String(value);
    this.#structure.push(text.length * 2 + (text === value ? 0 : 1));
    this.#values += text;
  }

  #addObject(value: Members, place: LayoutPlace): void {
    const members = this.#members;
    const start = this.#memberCount;
    const { shape, names, plain, nested } = nextLayout(place, value, members, start);
    this.#structure.push(this.#numberOf(shape));
    for (const at of plain) this.#addPlain(members[start + at]);
    this.#memberCount = start + names.length;
    for (const { at, place: below } of nested) {
      const member = members[start + at];
      if (Array.isArray(member)) this.addItems(member, below);
      else if (isNested(member)) this.#addObject(member, below);
    }
    this.#memberCount = start;
  }

  #numberOf(shape: string): number {
    const known = this.#shapes.get(shape);
    if (known === undefined) this.#shapes.set(shape, this.#shapes.size);
    return known ?? this.#shapes.size - 1;
  }
}

function isNested(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
