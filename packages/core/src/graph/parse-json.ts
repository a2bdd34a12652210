import { MessagingError } from '../errors.ts';
import { findJsonFault } from './json-fault.ts';

/** How a text is read as JSON. */
export interface ParseOptions {
  /**
   * A tolerant parser, asked only where the text is not JSON: documentation samples have comments and trailing commas. It has to throw where
   * it cannot read everything: the value that it returns is taken for the whole text's.
   *
   * @example
   * import { parse, type ParseError } from 'jsonc-parser';
   * const tolerant = (text: string): unknown => {
   *   const errors: ParseError[] = [];
   *   const value: unknown = parse(text, errors, { allowTrailingComma: true });
   *   if (errors.length > 0) throw new SyntaxError('not even JSON with comments');
   *   return value;
   * };
   */
  readonly parse?: ((text: string) => unknown) | undefined;
}

/** A text's value, and whether only the tolerant parser could read it. */
export interface ParsedJson {
  readonly value: unknown;
  readonly tolerant: boolean;
}

/** Reads a text as JSON, or with the caller's tolerant parser, past a byte order mark. @throws {MessagingError} `json.invalid` with line and column. */
export function parseJson(given: string, options: ParseOptions = {}): ParsedJson {
  const text = withoutMark(given);
  try {
    return { value: JSON.parse(text), tolerant: false };
  } catch {
    if (options.parse !== undefined) {
      try {
        return { value: options.parse(text), tolerant: true };
      } catch {
        // The error names the place where strict reading stopped, which is the first fault and the better hint.
      }
    }
    throw jsonError(given);
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** The error about a text: where it stops being JSON, or else that it holds no object. */
export function jsonError(text: string): MessagingError {
  const fault = findJsonFault(withoutMark(text));
  if (fault === undefined) {
    return new MessagingError('json.invalid', 'The text is JSON, but no object, as a Bundle is.');
  }
  const { line, column, expected } = fault;
  const message = `The text is not JSON: expected ${expected} at line ${line}, column ${column}.`;
  const issue = { severity: 'fatal', code: 'structure', rule: 'json.invalid', diagnostics: message } as const;
  return new MessagingError('json.invalid', message, { line, column, issues: [issue] });
}
