import { isError } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** Issues, the worst in words as well as in colour. */
export function issueList(issues: readonly Issue[]): Html {
  if (issues.length === 0) {
    return html`<p>None: it keeps every rule that is looked at.</p>`;
  }
  return html`<ul>
    ${issues.map(
      (issue) =>
        html`<li>
          <span class="${isError(issue) ? 'error' : ''}">${issue.severity}</span> <code>${issue.rule ?? issue.code}</code> ${issue.diagnostics ?? issue.details?.text ?? ''}
          ${issue.expression?.[0] === undefined ? '' : html`<span class="soft">at <code>${issue.expression[0]}</code></span>`}
        </li>`,
    )}
  </ul>`;
}
