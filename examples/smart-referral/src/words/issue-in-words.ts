import type { Issue } from '@fhir-messaging/core';

/** The rules that somebody may meet here, in words; every other finding speaks for itself. */
const rules: Readonly<Record<string, (element: string) => string>> = {
  'reference.external': (element) => `It names something that stays in your record and does not go along (${element}).`,
  'scope.missing': () => 'Your sign-in does not allow sending referrals. Ask whoever runs your EHR.',
};

/** A finding as a sentence. */
export function issueInWords({ rule = '', diagnostics, details, code, expression }: Issue): string {
  const element = (expression?.[0] ?? '').replace(/^Bundle\.entry\[\d+\]\.resource\.?/, '').replace(/\.reference$/, '');
  return rules[rule]?.(element) ?? diagnostics ?? details?.text ?? `It said no more than “${code}”.`;
}
