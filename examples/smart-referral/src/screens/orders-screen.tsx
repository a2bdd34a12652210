import { observeReading, toIssues } from '@fhir-messaging/core';
import { useObserved } from '@fhir-messaging/react-hooks';
import type { ServiceRequest } from 'fhir/r4';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { IssueList } from '../parts/issue-list.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import type { Session } from '../session/open-session.ts';
import { searchFor } from '../session/read-record.ts';
import { dateInWords } from '../words/date-in-words.ts';
import { urgencyInWords } from '../words/urgency.ts';

interface OrdersScreenProps {
  readonly session: Session;
  readonly patientId: string;
  /** Takes the order's reference, such as `ServiceRequest/1`. */
  readonly onChoose: (order: string) => void;
}

/** The patient's open orders, of which one is picked. */
export function OrdersScreen({ session: { reader, serverUrl, journal }, patientId, onChoose }: OrdersScreenProps): ReactElement {
  const [orders] = useState(() => observeReading(({ signal }) => searchFor(reader, 'ServiceRequest', { patient: patientId, status: 'active' }, signal)));
  const state = useObserved(orders);

  /** What this tab has done with it already. */
  const progressOf = (order: string): string | undefined => {
    const url = `${serverUrl}/${order}`;
    return journal.openFor(url) ? 'May have arrived: look at it again' : journal.answeredFor(url).length > 0 ? 'Sent' : undefined;
  };

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
                <Choice order={order} progress={progressOf(`ServiceRequest/${order.id ?? ''}`)} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
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
