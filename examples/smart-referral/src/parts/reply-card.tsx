import type { BundleGraph, Submitted } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';
import type { ReactElement } from 'react';
import { orderNameIn } from './leave-out.ts';
import { IssueList } from './issue-list.tsx';

interface ReplyCardProps {
  readonly latest: Submitted<FhirResource>;
  /** What the other side holds since then. */
  readonly held: BundleGraph;
}

/** What the other side answered. */
export function ReplyCard({ latest: { reply }, held }: ReplyCardProps): ReactElement {
  const parts = 'message' in reply ? reply.message.graph.entries.filter(({ resource }) => resource?.resourceType !== 'MessageHeader').length : 0;
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
      <IssueList issues={reply.issues} voice="other side" />
    </section>
  );
}
