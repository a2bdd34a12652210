import { diffGraphs } from '@fhir-messaging/core';
import type { BundleGraph } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { ChangeTable } from './change-table.tsx';
import { orderNameIn } from './leave-out.ts';
import { heldAfter } from '../session/held-after.ts';
import { countParts } from '../words/count-parts.ts';
import { momentInWords } from '../words/date-in-words.ts';
import { urgencyInWords } from '../words/urgency.ts';

/** Everything that was received, side by side, and what each version changed. */
export function Versions({ received }: { readonly received: readonly QueuedMessage[] }): ReactElement {
  const graphs = received.flatMap((message) => heldAfter(message) ?? []);
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{graphs.length === 1 ? 'One version so far' : `${graphs.length} versions of one referral`}</h2>
      <ol className="versions">
        {graphs.map((graph, position) => (
          <li key={position} className="card">
            <Version graph={graph} number={position + 1} />
          </li>
        ))}
      </ol>
      {graphs.slice(1).map((after, position) => {
        const before = graphs[position];
        const columns = [`Version ${position + 1}`, `Version ${position + 2}`] as const;
        return before && <ChangeTable key={position} caption={`What version ${position + 2} changed`} columns={columns} before={before} after={after} changes={diffGraphs(before, after)} />;
      })}
    </section>
  );
}

function Version({ graph, number }: { readonly graph: BundleGraph; readonly number: number }): ReactElement {
  const order = graph.get(orderNameIn(graph));
  const { timestamp } = graph.bundle;
  return (
    <>
      <h3>Version {number}</h3>
      <dl>
        <dt>Written</dt>
        <dd>{momentInWords(timestamp)}</dd>
        <dt>For</dt>
        <dd>{order?.code?.text ?? 'not said'}</dd>
        <dt>How urgent</dt>
        <dd>{urgencyInWords(order?.priority)}</dd>
        <dt>Note</dt>
        <dd>{order?.note?.[0]?.text ?? 'none'}</dd>
        <dt>Parts</dt>
        <dd>{countParts(graph)}</dd>
      </dl>
    </>
  );
}
