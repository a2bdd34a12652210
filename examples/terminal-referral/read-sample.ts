import { readFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';

/** Netsmart's sample of an update: as its documentation prints it, or with its JSON repaired and nothing else changed. */
export function readSample(form: 'as-published.txt' | 'json'): Promise<string> {
  return readFile(new URL(`../../test/fixtures/netsmart-update-request.${form}`, import.meta.url), 'utf8');
}

/** Reads JSON with comments and trailing commas, and throws where that is not all that is wrong. */
export function tolerant(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) {
    throw new SyntaxError('This is not even JSON with comments.');
  }
  return value;
}
