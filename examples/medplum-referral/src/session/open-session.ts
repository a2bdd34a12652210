import { createMessenger, readCapabilities } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { medplumReader, medplumTransport } from '@fhir-messaging/medplum';
import { netsmart } from '@fhir-messaging/netsmart';
import type { MedplumClient } from '@medplum/core';
import type { Patient } from '@medplum/fhirtypes';
import { launch, launchServer } from './launch.ts';
import { forgetContext, keepContext, launchContext } from './launch-context.ts';
import { openClient, redirectUri } from './open-client.ts';
import { renewingClient } from './renewing-client.ts';

/** What the app works with, for one patient and one user. */
export interface Session {
  readonly medplum: MedplumClient;
  readonly messenger: Messenger;
  readonly reader: ReturnType<typeof medplumReader>;
  readonly patient: Patient;
  /** Whose messages these are. */
  readonly user: string;
}

/** Opens the session of this page: a launch, the way back from one, or a reload. */
export async function openSession(): Promise<Session> {
  const { searchParams } = new URL(location.href);
  const iss = searchParams.get('iss');
  if (iss !== null) {
    forgetContext();
    return launch(iss, searchParams.get('launch'));
  }
  const server = launchServer();
  if (server === undefined) {
    throw new Error('Open this app from an EHR, for a patient.');
  }
  const { medplum, storage } = openClient(server, keepContext);
  const code = searchParams.get('code');
  if (code !== null) {
    if (searchParams.get('state') !== storage.getString('pkceState')) {
      throw new Error('This answer belongs to another sign-in. Open the app again from the EHR.');
    }
    await medplum.processCode(code, { redirectUri });
    history.replaceState(null, '', location.pathname);
  }
  const { patientId, user } = launchContext();
  if (medplum.getAccessToken() === undefined || patientId === undefined) {
    throw new Error(searchParams.get('error_description') ?? 'Nobody is signed in, or for no patient. Open the app again from the EHR.');
  }
  if (user === undefined) {
    throw new Error('The sign-in did not say who you are, and what you send has to be yours.');
  }
  const client = renewingClient(medplum, patientId);
  const reader = medplumReader(client);
  const [patient, statement] = await Promise.all([medplum.readResource('Patient', patientId), reader.read('metadata', {})]);
  const { peer } = readCapabilities(statement);
  return { medplum, reader, patient, user, messenger: createMessenger({ transport: medplumTransport(client), source: redirectUri, destination: server.iss, identity: netsmart, peer }) };
}
