import { MessagingError } from '../errors.ts';
import type { MessagingErrorFacts } from '../errors.ts';
import { describeEvent } from '../event/event-name.ts';
import type { EventName } from '../event/event-name.ts';
import type { Issue } from '../fhir/issue.ts';
import { isError } from '../fhir/issue.ts';

const worstFirst = ['fatal', 'error', 'warning', 'information'] as const;

/**
 * The findings on a message, where none of them is an error.
 *
 * @throws {MessagingError} `message.invalid`, or `input.limit` where that is found, with all of them, worst first.
 */
export function requireSound(event: EventName | undefined, issues: readonly Issue[], facts?: MessagingErrorFacts): readonly Issue[] {
  const errors = issues.filter(isError);
  // What ended the check comes first, as does a wrong payload: a missing resource is why references to it lead nowhere.
  const first = errors.find(({ rule = '' }) => /^(?:input\.limit|payload\.)/.test(rule)) ?? errors[0];
  if (first === undefined) {
    return issues;
  }
  const { code, rule, expression = [], diagnostics = '' } = first;
  // Another system's words may quote the record: they stay in the issues, out of the error's message, which may be logged.
  const says = rule === undefined ? code : diagnostics;
  const what = event === undefined ? 'message' : `${describeEvent(event)} message`;
  const where = [rule ?? [], expression].flat().join(', ');
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  throw new MessagingError(rule === 'input.limit' ? 'input.limit' : 'message.invalid', `This ${what} breaks a rule: ${says}${where && ` (${where})`}${more}`, { ...facts, issues: worstFirst.flatMap((severity) => issues.filter((issue) => issue.severity === severity)) });
}
