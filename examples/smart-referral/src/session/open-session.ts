import { createMessenger, readCapabilities, supportFor } from '@fhir-messaging/core';
import type { AssemblyOptions, Messenger } from '@fhir-messaging/core';
import { scopeCheck, smartReader, smartTransport } from '@fhir-messaging/fhirclient';
import { netsmart } from '@fhir-messaging/netsmart';
import FHIR from 'fhirclient';
import { submitReferral } from './referral-events.ts';
import { rememberSent } from './remember-sent.ts';
import { openJournal } from './sent-journal.ts';
import type { SentJournal } from './sent-journal.ts';

/** What the app works with once it was launched. */
export interface Session {
  readonly serverUrl: string;
  /** Whom the app was launched for. */
  readonly patientId: string | undefined;
  readonly reader: AssemblyOptions;
  readonly messenger: Messenger;
  readonly journal: SentJournal;
  /** Why referrals may not be possible on this server, where it says so. */
  readonly doubt: string | undefined;
  /** For how long the server says that it recognises a message that comes again. */
  readonly recognisedMinutes: number | undefined;
}

/** Ends the launch: fetches the token, and asks the server what it can do with messages. */
export async function openSession(): Promise<Session> {
  const client = await FHIR.oauth2.ready();
  const serverUrl = client.state.serverUrl.replace(/\/+$/, '');
  const patientId = client.patient.id ?? undefined;
  const reader = smartReader(client);
  const { supported, reason, peer } = supportFor(submitReferral, readCapabilities(asObject(await reader.read('metadata', {}))));
  const journal = openJournal(sessionStorage, `smart-referral ${serverUrl} ${patientId ?? ''}`);
  const messenger = createMessenger({
    transport: smartTransport(client),
    destination: `${serverUrl}/$process-message`,
    source: { endpoint: location.origin, name: 'Refer a patient' },
    identity: netsmart,
    peer,
    check: scopeCheck(client, { required: true }),
  });
  return {
    serverUrl,
    patientId,
    reader,
    journal,
    messenger: rememberSent(messenger, journal),
    doubt: supported === 'yes' ? undefined : reason,
    recognisedMinutes: peer.reliableCacheMinutes,
  };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
