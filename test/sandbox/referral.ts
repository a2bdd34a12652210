import type { FhirResource } from 'fhir/r4';
import { netsmart, submitServiceRequest } from '@fhir-messaging/netsmart';
import type { Message, Messenger, MessengerOptions, PayloadOf } from '@fhir-messaging/core';
import type { Sandbox } from '@fhir-messaging/sandbox';
import { messengerTo } from '../exchange/loopback.ts';

/** Reads a resource of the chart. */
export type Read = (reference: string) => Promise<unknown>;

/** Reads with an access token, as an app does. */
export function readerOf({ baseUrl }: Sandbox, accessToken: string): Read {
  return async (reference) => (await fetch(`${baseUrl}/${reference}`, { headers: { authorization: `Bearer ${accessToken}` } })).json();
}

/** What a referral of a patient takes, out of the chart. */
export async function payloadOfReferral(read: Read, patient: string): Promise<PayloadOf<typeof submitServiceRequest>> {
  const one = async <TType extends FhirResource['resourceType']>(reference: `${TType}/${string}`): Promise<Extract<FhirResource, { resourceType: TType }>> => (await read(reference)) as never;
  const all = <TType extends FhirResource['resourceType']>(...references: `${TType}/${string}`[]) => Promise.all(references.map(one<TType>));
  return {
    ServiceRequest: await one(`ServiceRequest/${patient}-order`),
    Patient: await one(`Patient/${patient}`),
    Condition: await all(`Condition/${patient}-condition`),
    Coverage: await all(`Coverage/${patient}-coverage`),
    Observation: await all(`Observation/${patient}-score`),
    QuestionnaireResponse: await all(`QuestionnaireResponse/${patient}-intake`),
    Location: await all('Location/harbor-intake'),
    PractitionerRole: await all('PractitionerRole/nadia-holm-role', 'PractitionerRole/iris-moreau-role'),
    Practitioner: await all('Practitioner/nadia-holm', 'Practitioner/iris-moreau'),
    Organization: await all('Organization/river-clinic', 'Organization/harbor-behavioral', 'Organization/meadow-health-plan'),
  };
}

/** A messenger that is signed in, whose waits take no time, with a referral of Amy Shaw's to send. */
export async function signedIn(sandbox: Sandbox, options: Partial<MessengerOptions> = {}): Promise<{ messenger: Messenger; message: Message; waits: number[]; accessToken: string }> {
  const { access_token: accessToken } = await sandbox.signIn();
  const { messenger, waits } = messengerTo(
    sandbox.baseUrl,
    { source: 'https://clinic.example.org/app', destination: sandbox.baseUrl, identity: netsmart, peer: { reliableCacheMinutes: 60 }, ...options },
    { headers: { authorization: `Bearer ${accessToken}` } },
  );
  const message = messenger.create(submitServiceRequest, await payloadOfReferral(readerOf(sandbox, accessToken), 'amy-shaw'), { base: sandbox.baseUrl });
  return { messenger, message, waits, accessToken };
}
