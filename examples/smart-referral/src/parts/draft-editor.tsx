import type { MessageDraft } from '@fhir-messaging/react-hooks';
import type { BundleGraph, Issue } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';
import type { ReactElement, ReactNode } from 'react';
import { ChangeTable } from './change-table.tsx';
import { GraphPicture } from './graph-picture.tsx';
import { IssueList } from './issue-list.tsx';
import { ReferralForm } from './referral-form.tsx';
import { countParts } from '../words/count-parts.ts';

interface DraftEditorProps {
  readonly what: 'referral' | 'change';
  readonly draft: MessageDraft<FhirResource>;
  /** What the draft began with. */
  readonly initial: BundleGraph;
  /** What is known beside what the rules say, such as what could not be read. */
  readonly issues?: readonly Issue[];
  /** What stands beside the fields: the sending. */
  readonly children?: ReactNode;
}

/** A draft: its fields, its changes with undo and redo, what the rules say of it, and its picture. */
export function DraftEditor({ what, draft, initial, issues: more = [], children }: DraftEditorProps): ReactElement {
  const { graph, changes, dirty, canUndo, canRedo, issues: found } = draft.state;
  const issues = [...found, ...more];
  const changed = new Set([...changes.changed, ...changes.added].map(({ key }) => key));
  // Every message has an envelope of its own.
  if (graph.header) changed.delete(graph.entries[0]?.key ?? '');
  return (
    <>
      <div className="columns">
        <ReferralForm draft={draft} />
        <section className="beside" aria-labelledby="your-changes">
          {children}
          <h2 id="your-changes">Your changes</h2>
          <div className="row" role="group" aria-label="Undo and redo">
            <button type="button" className="plain" aria-disabled={!canUndo} onClick={draft.undo}>
              Undo
            </button>
            <button type="button" className="plain" aria-disabled={!canRedo} onClick={draft.redo}>
              Redo
            </button>
          </div>
          {dirty ? (
            <ChangeTable caption="Changed since you began" columns={['Before', 'Now']} before={initial} after={graph} changes={changes} />
          ) : (
            <p className="soft">None so far. Whatever you change can be undone, step by step.</p>
          )}
          <h2>What the rules say</h2>
          <div role="status">
            {issues.length === 0 ? <p>Nothing is missing, and nothing contradicts itself.</p> : <IssueList issues={issues} graph={graph} />}
          </div>
        </section>
      </div>
      <section aria-labelledby="message-picture">
        <h2 id="message-picture">What goes out</h2>
        <p className="soft">One message with {countParts(graph)} parts. An arrow leads from a part to what it refers to.</p>
        <GraphPicture what={what} graph={graph} issues={issues} changed={changed} />
      </section>
    </>
  );
}
