import type { Issue } from '@fhir-messaging/core';

/** Elements that a rule may name, in words. */
const elements: Readonly<Record<string, string>> = { encounter: 'the visit', performer: 'who is to see the patient', requester: 'who ordered it' };

/** The rules that somebody may meet here, in words; every other finding speaks for itself. */
const rules: Readonly<Record<string, (element: string) => string>> = {
  'reference.external': (element) => `It mentions ${elements[element] ?? `something (${element})`}, which stays in your record and does not go along.`,
};

/** A finding as a sentence. */
export function issueInWords({ rule = '', diagnostics, details, code, expression }: Issue): string {
  const element = (expression?.[0] ?? '').replace(/^Bundle\.entry\[\d+\]\.resource\.?/, '').replace(/\.reference$/, '');
  return rules[rule]?.(element) ?? diagnostics ?? details?.text ?? `It said no more than “${code}”.`;
}
