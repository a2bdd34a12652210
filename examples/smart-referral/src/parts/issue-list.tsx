import { isError } from '@fhir-messaging/core';
import type { BundleGraph, Issue } from '@fhir-messaging/core';
import type { ReactElement } from 'react';
import { entryOfIssue } from './entry-of-issue.ts';
import { issueInWords } from '../words/issue-in-words.ts';
import { nameInWords } from '../words/name-in-words.ts';

/** What was found, the worst first, each with the part of the referral that it is about. */
export function IssueList({ issues, graph }: { readonly issues: readonly Issue[]; readonly graph?: BundleGraph | undefined }): ReactElement | null {
  if (issues.length === 0) {
    return null;
  }
  return (
    <ul className="issues">
      {issues
        .toSorted((one, other) => Number(isError(other)) - Number(isError(one)))
        .map((issue, position) => (
          <li key={position} className={isError(issue) ? 'error' : 'hint'}>
            <strong>{isError(issue) ? 'Has to be mended' : 'Good to know'}:</strong> {issueInWords(issue)}{' '}
            <Where issue={issue} graph={graph} />
          </li>
        ))}
    </ul>
  );
}

function Where({ issue, graph }: { readonly issue: Issue; readonly graph: BundleGraph | undefined }): ReactElement | null {
  const entry = graph && entryOfIssue(graph, issue);
  const { what } = nameInWords(entry?.resource);
  const rule = issue.rule ?? issue.code;
  return (
    <span className="soft">
      ({entry ? `${what}, ` : ''}rule <code>{rule}</code>)
    </span>
  );
}
