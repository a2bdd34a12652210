import { member, textIn } from '../fhir/json.ts';

/** The name of an event in a header or a contract. */
export interface EventName {
  readonly coding?: { readonly system?: string | undefined; readonly code?: string | undefined } | undefined;
  readonly uri?: string | undefined;
}

/** The event that a MessageHeader names, as R4 and as R5 write it; `undefined` where it names none. */
export function eventNameOf(header: unknown): EventName | undefined {
  const coding = member(header, 'eventCoding');
  const code = textIn(coding, 'code');
  if (code !== undefined) {
    return { coding: { system: textIn(coding, 'system'), code } };
  }
  const uri = textIn(header, 'eventUri') ?? textIn(header, 'eventCanonical');
  return uri === undefined ? undefined : { uri };
}

/** Whether two names mean the same event: system and code, or the URI without its version; displays do not count. */
export function isSameEvent(a: EventName, b: EventName): boolean {
  return keyOfEvent(a) === keyOfEvent(b);
}

/** A text that is the same for the same event. */
export function keyOfEvent({ coding, uri }: EventName): string {
  return coding === undefined ? (uri?.split('|')[0] ?? '') : `${coding.system ?? ''}|${coding.code ?? ''}`;
}

/** An event in a few words, for a sentence. */
export function describeEvent({ coding, uri }: EventName): string {
  return coding?.code ?? uri ?? 'no event';
}

/** The members that name an event in a MessageHeader. */
export function eventMembers(event: EventName, uriMember: string): Record<string, unknown> {
  return event.coding === undefined ? { [uriMember]: event.uri } : { eventCoding: event.coding };
}
