import { bytesIn } from '@fhir-messaging/core';
import type { Release } from '@fhir-messaging/core';

/** A row of a table, as both databases give it. */
export type Row = Readonly<Record<string, unknown>>;

/** A value that a query gave, as a row. */
export function rowOf(value: unknown): Row {
  return isRow(value) ? value : {};
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** A column that is never null. */
export function text(value: unknown): string {
  return optionalText(value) ?? '';
}

/** A column that may be null. */
export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A number that is never null; a driver may give it as text, or as a bigint. */
export function numberOf(value: unknown): number {
  return Number(value ?? 0);
}

/** A number that may be null. */
export function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** A release; R4 for any text but `R4B` and `R5`. */
export function releaseOf(value: unknown): Release {
  return value === 'R4B' || value === 'R5' ? value : 'R4';
}

/** A copy of a column's bytes, which may be a view of the driver's own buffer. */
export function bytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesIn(value) ?? []);
}
