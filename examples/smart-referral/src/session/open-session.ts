import { createMessenger, missingScopes, readCapabilities, supportFor } from '@fhir-messaging/core';
import type { AssemblyOptions } from '@fhir-messaging/core';
import { grantedScopes, smartReader, smartTransport } from '@fhir-messaging/fhirclient';
import { netsmart } from '@fhir-messaging/netsmart';
import FHIR from 'fhirclient';
import { registration } from '../registration.ts';
import { openOutbox } from './open-outbox.ts';
import type { OpenOutbox } from './open-outbox.ts';
import { submitReferral } from './referral-events.ts';

/** What the app works with once it was launched. */
export interface Session extends OpenOutbox {
  readonly serverUrl: string;
  /** Whom the app was launched for. */
  readonly patientId: string | undefined;
  readonly reader: AssemblyOptions;
  /** Why referrals may not be possible on this server, where it says so. */
  readonly doubt: string | undefined;
  /** For how long the server says that it recognises a message that comes again. */
  readonly recognisedMinutes: number | undefined;
}

/** Ends the launch: fetches the token, asks the server what it can do with messages, and opens the user's outbox. */
export async function openSession(): Promise<Session> {
  const client = await FHIR.oauth2.ready();
  const serverUrl = client.state.serverUrl.replace(/\/+$/, '');
  const { iss: issuer = serverUrl, sub: user } = client.getIdToken() ?? {};
  if (user === undefined) {
    throw new Error('The sign-in did not say who you are, and what you send has to be yours.');
  }
  const reader = smartReader(client);
  const { supported, reason, peer } = supportFor(submitReferral, readCapabilities(await reader.read('metadata', {})));
  const signIn = new AbortController();
  const messenger = createMessenger({
    transport: smartTransport(client),
    destination: `${serverUrl}/$process-message`,
    source: { endpoint: location.origin, name: 'Refer a patient' },
    identity: netsmart,
    peer,
    observe(event) {
      if (event.kind === 'delivery' && event.code === 'session.expired') signIn.abort();
    },
  });
  const isAllowed = missingScopes(grantedScopes(client), submitReferral).length === 0;
  return {
    ...(await openOutbox(messenger, { issuer, baseUrl: serverUrl, clientId: registration.clientId, user }, peer, signIn.signal)),
    serverUrl,
    patientId: client.patient.id ?? undefined,
    reader,
    doubt: isAllowed ? (supported === 'yes' ? undefined : reason) : 'Your sign-in does not allow it: ask whoever runs your EHR.',
    recognisedMinutes: peer.reliableCacheMinutes,
  };
}
