import { MessagingProvider } from '@fhir-messaging/react-hooks';
import { Component, Suspense, use } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { OfflineNotice } from './parts/offline-notice.tsx';
import { PatientBanner } from './parts/patient-banner.tsx';
import { useOrder } from './parts/use-order.ts';
import { OrdersScreen } from './screens/orders-screen.tsx';
import { ReferralScreen } from './screens/referral-screen.tsx';
import { ClosedScreen, OpeningScreen } from './screens/start-screens.tsx';
import { whyClosed } from './words/why-closed.ts';
import type { Session } from './session/open-session.ts';

/** The whole app: opening, then the orders of the patient, then the referral of one. */
export function App({ session }: { readonly session: Promise<Session> }): ReactElement {
  return (
    <NotOpened>
      <Suspense fallback={<OpeningScreen />}>
        <Opened session={session} />
      </Suspense>
    </NotOpened>
  );
}

function Opened({ session: opening }: { readonly session: Promise<Session> }): ReactElement {
  const session = use(opening);
  const { messenger, reader, durability, patientId, doubt } = session;
  const [order, choose] = useOrder(`${session.serverUrl}/Patient/${patientId ?? ''}`);
  if (patientId === undefined) {
    return <ClosedScreen reason="The sign-in named no patient. Open the app again, with a patient." />;
  }
  return (
    <MessagingProvider messenger={messenger} reader={reader}>
      <PatientBanner patientId={patientId} reader={reader} />
      <main>
        <OfflineNotice durability={durability} />
        {doubt !== undefined && <p className="notice">Referrals may not be possible here. {doubt}</p>}
        {order === undefined ? (
          <OrdersScreen session={session} patientId={patientId} onChoose={choose} />
        ) : (
          <ReferralScreen key={order} session={session} order={order} onLeave={() => choose(undefined)} />
        )}
      </main>
    </MessagingProvider>
  );
}

/** Shows why the app could not be opened. */
class NotOpened extends Component<{ readonly children: ReactNode }, { readonly reason?: string }> {
  override state: { readonly reason?: string } = {};

  static getDerivedStateFromError(error: unknown): { readonly reason: string } {
    return { reason: whyClosed(error) };
  }

  override render(): ReactNode {
    return this.state.reason === undefined ? this.props.children : <ClosedScreen reason={this.state.reason} />;
  }
}
