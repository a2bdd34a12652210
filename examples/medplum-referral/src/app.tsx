import { MessagingProvider } from '@fhir-messaging/react-hooks';
import { Alert, Container, createTheme, MantineProvider } from '@mantine/core';
import { Loading, MedplumProvider } from '@medplum/react';
import { Component, Suspense, use, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { orderOfKeptMessage } from './kept-message.ts';
import { Orders } from './orders.tsx';
import { PatientBanner } from './parts/patient-banner.tsx';
import { Referral } from './referral.tsx';
import type { Session } from './session/open-session.ts';

// A darker blue than Mantine's own: white on that is too pale to read (WCAG 2.1, 1.4.3).
const theme = createTheme({ primaryShade: 9 });

/** The whole app: the patient's orders, then the referral of one. */
export function App({ opening }: { readonly opening: Promise<Session> }): ReactElement {
  return (
    <MantineProvider theme={theme} forceColorScheme="light">
      <Container size="sm" p="md">
        <NotOpened>
          <Suspense fallback={<Loading />}>
            <Opened opening={opening} />
          </Suspense>
        </NotOpened>
      </Container>
    </MantineProvider>
  );
}

function Opened({ opening }: { readonly opening: Promise<Session> }): ReactElement {
  const { medplum, messenger, reader, patient, user } = use(opening);
  const [owner] = useState(() => ({ user, patientUrl: medplum.fhirUrl('Patient', patient.id ?? '').href }));
  // What may have arrived comes first, before anything else can be sent.
  const [orderId, choose] = useState(() => orderOfKeptMessage(owner));
  return (
    <MedplumProvider medplum={medplum}>
      <MessagingProvider messenger={messenger} reader={reader}>
        <PatientBanner patient={patient} />
        <main>
          {orderId === undefined ? (
            <Orders patientId={patient.id ?? ''} onChoose={choose} />
          ) : (
            <Referral key={orderId} owner={owner} orderId={orderId} onLeave={() => choose(orderOfKeptMessage(owner))} />
          )}
        </main>
      </MessagingProvider>
    </MedplumProvider>
  );
}

/** Shows why there is no session. */
class NotOpened extends Component<{ readonly children: ReactNode }, { readonly reason?: string }> {
  override state: { readonly reason?: string } = {};

  static getDerivedStateFromError(error: unknown): { readonly reason: string } {
    return { reason: error instanceof Error ? error.message : 'The app could not be opened.' };
  }

  override render(): ReactNode {
    return this.state.reason === undefined ? (
      this.props.children
    ) : (
      <main>
        <h1>Refer a patient</h1>
        <Alert color="red" variant="outline" role="alert">
          {this.state.reason}
        </Alert>
      </main>
    );
  }
}
