import { isError, issueTarget } from '@fhir-messaging/core';
import type { BundleGraph, Issue } from '@fhir-messaging/core';
import type { ReactElement } from 'react';
import { issueInWords } from '../words/issue-in-words.ts';
import { nameInWords } from '../words/name-in-words.ts';

interface IssueListProps {
  readonly issues: readonly Issue[];
  readonly graph?: BundleGraph | undefined;
  /** Who speaks: a rule, whose breach is to be mended; the other side; or an error, of which this is a detail. @defaultValue 'rule' */
  readonly voice?: 'rule' | 'other side' | 'error' | undefined;
}

/** What was found, the worst first, each with the part of the referral that it is about. */
export function IssueList({ issues, graph, voice = 'rule' }: IssueListProps): ReactElement | null {
  if (issues.length === 0) {
    return null;
  }
  return (
    <ul className="issues">
      {issues
        .toSorted((one, other) => Number(isError(other)) - Number(isError(one)))
        .map((issue, position) => (
          <li key={position} className={isError(issue) ? 'error' : 'hint'}>
            <strong>{leads[voice](issue)}:</strong> {issueInWords(issue)}{' '}
            {voice === 'rule' && <Where issue={issue} graph={graph} />}
          </li>
        ))}
    </ul>
  );
}

const leads = {
  rule: (issue: Issue) => (isError(issue) ? 'Has to be mended' : 'Good to know'),
  'other side': () => 'They say',
  error: () => 'In detail',
};

function Where({ issue, graph }: { readonly issue: Issue; readonly graph: BundleGraph | undefined }): ReactElement | null {
  const entry = graph && issueTarget(issue, graph)?.entry;
  return entry ? <span className="soft">({nameInWords(entry.resource).what})</span> : null;
}
