import { observeReading, toIssues } from '@fhir-messaging/core';
import { useObserved, useOutbox } from '@fhir-messaging/react-hooks';
import type { ServiceRequest } from 'fhir/r4';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { IssueList } from '../parts/issue-list.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import type { Session } from '../session/open-session.ts';
import { searchFor } from '../session/read-record.ts';
import { dateInWords } from '../words/date-in-words.ts';
import { isSettled, progressInWords } from '../words/progress-in-words.ts';
import { urgencyInWords } from '../words/urgency.ts';

interface OrdersScreenProps {
  readonly session: Session;
  readonly patientId: string;
  /** Takes the order's reference, such as `ServiceRequest/1`. */
  readonly onChoose: (order: string) => void;
}

/** The patient's open orders, of which one is picked. */
export function OrdersScreen({ session: { reader, serverUrl }, patientId, onChoose }: OrdersScreenProps): ReactElement {
  const [orders] = useState(() => observeReading(({ signal }) => searchFor(reader, 'ServiceRequest', { patient: patientId, status: 'active' }, signal)));
  const state = useObserved(orders);

  const { entries } = useOutbox().state;
  const urlOf = (order: ServiceRequest): string => `${serverUrl}/ServiceRequest/${order.id ?? ''}`;
  const own = new Set(state.kind === 'ready' ? state.value.map(urlOf) : []);

  return (
    <>
      <Steps current="choose" />
      <ScreenHeading>Which order do you want to refer?</ScreenHeading>
      <div role="status">
        {state.kind === 'reading' && <p>Looking for open orders…</p>}
        {state.kind === 'ready' && state.value.length === 0 && <p>There is no open order in this record. Write one in your EHR, and come back.</p>}
      </div>
      {state.kind === 'failed' && (
        <div role="alert">
          <p>The orders could not be read.</p>
          <IssueList issues={toIssues(state.error)} voice="error" />
          <button onClick={orders.reload}>Try again</button>
        </div>
      )}
      {state.kind === 'ready' && (
        <ul className="choices">
          {state.value.map((order) => (
            <li key={order.id}>
              <button className="choice" onClick={() => onChoose(`ServiceRequest/${order.id ?? ''}`)}>
                <Choice order={order} progress={progressInWords(entries.filter(({ key }) => key === urlOf(order)))} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {state.kind === 'ready' && <OtherMessages waiting={entries.filter((entry) => !own.has(entry.key) && !isSettled(entry)).length} />}
    </>
  );
}

/** What the same person queued for somebody else: it goes out too, and is not shown here. */
function OtherMessages({ waiting }: { readonly waiting: number }): ReactElement | null {
  return waiting === 0 ? null : (
    <p className="soft">
      {waiting === 1 ? 'One more message of yours, about another order, waits' : `${waiting} more messages of yours, about other orders, wait`} on this device. What can go out does so by itself; open the app for that patient to see it.
    </p>
  );
}

function Choice({ order, progress }: { readonly order: ServiceRequest; readonly progress: string | undefined }): ReactElement {
  return (
    <>
      <strong>{order.code?.text ?? 'An order without a name'}</strong>{' '}
      <span className="soft">
        {urgencyInWords(order.priority)}, written {dateInWords(order.authoredOn)} by {order.requester?.display ?? 'somebody'}
      </span>{' '}
      {progress !== undefined && <span className="tag">{progress}</span>}
    </>
  );
}
