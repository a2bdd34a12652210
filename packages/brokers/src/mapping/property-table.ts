import type { MessageProperties, PropertyName } from './message-properties.ts';

/**
 * A binding: a broker's names for the properties. A property has a field of the protocol's own, or header names, of which the first is written and
 * each is read, or both.
 *
 * @template TField - the protocol's own fields, as its client spells them.
 */
export type PropertyTable<TField extends string = never> = Readonly<
  Partial<Record<PropertyName, { readonly field?: TField; readonly headers?: readonly [string, ...string[]] }>>
>;

/** Properties as a broker takes them. */
export interface WrittenProperties<TField extends string = never> {
  readonly fields: Readonly<Partial<Record<TField, string>>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The value that a broker's field or header gives for a property. */
export interface Claim {
  readonly property: PropertyName;
  /** The field or header. */
  readonly name: string;
  readonly value: string;
}

/** Writes properties by a binding's table. */
export function writeProperties<TField extends string>(properties: MessageProperties, table: PropertyTable<TField>): WrittenProperties<TField> {
  const fields: Partial<Record<TField, string>> = {};
  const headers: Record<string, string> = {};
  for (const [property, value] of entriesOf(properties)) {
    const row = table[property];
    if (row?.field !== undefined) fields[row.field] = value;
    if (row?.headers !== undefined) headers[row.headers[0]] = value;
  }
  return { fields, headers };
}

/** Reads a broker's fields and headers by the binding's table; values may be text, bytes, or the broker's own kinds. */
export function readClaims<TField extends string>(fields: object, headers: object, table: PropertyTable<TField>): readonly Claim[] {
  const claims: Claim[] = [];
  const take = (property: PropertyName, name: string, from: object): void => {
    const value = textOf(Object.hasOwn(from, name) ? Reflect.get(from, name) : undefined);
    if (value !== undefined) claims.push({ property, name, value });
  };
  for (const [property, row] of rowsOf(table)) {
    if (row.field !== undefined) take(property, row.field, fields);
    for (const name of row.headers ?? []) take(property, name, headers);
  }
  return claims;
}

/** The value that is claimed for one property. */
export function claimed(claims: readonly Claim[], property: PropertyName): string | undefined {
  return claims.find((claim) => claim.property === property)?.value;
}

function textOf(value: unknown): string | undefined {
  if (ArrayBuffer.isView(value)) {
    return new TextDecoder().decode(value);
  }
  if (value instanceof Date) {
    // A broker's timestamp may be out of a Date's range.
    return Number.isNaN(value.getTime()) ? 'no time' : value.toISOString();
  }
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function entriesOf(properties: MessageProperties): readonly (readonly [PropertyName, string])[];
function entriesOf(properties: object): readonly (readonly [string, unknown])[] {
  return Object.entries(properties).filter(([, value]) => value !== undefined);
}

type Row<TField extends string> = NonNullable<PropertyTable<TField>[PropertyName]>;

function rowsOf<TField extends string>(table: PropertyTable<TField>): readonly (readonly [PropertyName, Row<TField>])[];
function rowsOf(table: object): readonly (readonly [string, unknown])[] {
  return Object.entries(table);
}
