import type { BundleGraph } from '@fhir-messaging/core';
import type { ShownContent } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { orderNameIn } from './leave-out.ts';
import { IssueList } from './issue-list.tsx';

interface ReplyCardProps {
  readonly content: ShownContent;
  /** What the other side holds since then. */
  readonly held: BundleGraph;
}

/** What the other side answered. */
export function ReplyCard({ content: { reply, issues }, held }: ReplyCardProps): ReactElement {
  const parts = reply?.graph.entries.filter(({ resource }) => resource?.resourceType !== 'MessageHeader').length ?? 0;
  return (
    <section className="card" aria-labelledby="reply">
      <h2 id="reply">What they answered</h2>
      <dl>
        <dt>Their answer</dt>
        <dd>Received and confirmed</dd>
        <dt>They know it as</dt>
        <dd>
          <code>{orderNameIn(held).split('/').at(-1)}</code>
        </dd>
        <dt>They hold</dt>
        <dd>{parts === 0 ? 'what was sent' : `${parts} parts of it`}</dd>
      </dl>
      <IssueList issues={issues} voice="other side" />
    </section>
  );
}
