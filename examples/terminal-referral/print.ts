import { isError, isMessagingError } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import { styleText } from 'node:util';

/** A new chapter, numbered by its caller. */
export function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

/** A line of the story. */
export function line(text = ''): void {
  console.log(text === '' ? '' : `  ${text}`);
}

/** A line of code, or of what it gave. */
export function code(text: string): void {
  console.log(styleText('cyan', `  ${text}`));
}

/** What comes from a file, without the control characters by which it could clear the screen, or write over what stands there. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\uFFFD');
}

/** Issues, an error red and a warning yellow. */
export function issueList(issues: readonly Issue[]): void {
  for (const issue of issues) {
    const colour = isError(issue) ? 'red' : issue.severity === 'warning' ? 'yellow' : 'gray';
    const where = issue.expression?.[0];
    line(`${styleText(colour, issue.severity.padEnd(11))} ${issue.rule ?? issue.code}${where === undefined ? '' : styleText('gray', ` at ${printable(where)}`)}`);
    line(`            ${printable(issue.diagnostics ?? '')}`);
  }
}

/** Says what should be so, and ends the demo where it is not. */
export function expect(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(`This should be so, and is not: ${what}`);
  }
  line(`${styleText('green', '✓')} ${what}`);
}

/** What went wrong, in a few words, with the issues behind it. */
export function failure(error: unknown): void {
  console.error(styleText('red', `\n✗ ${printable(error instanceof Error ? error.message : String(error))}`));
  if (isMessagingError(error)) {
    issueList(error.issues);
  }
}
