import { inputOf } from './inputs.ts';

/** A message as a spoiler sees it. */
interface Spoilable {
  entry: { fullUrl?: string; resource?: Record<string, unknown>; request?: unknown }[];
}

/** Messages that break one rule of FHIR each, by what is wrong with them. */
export function faultyMessages(): ReadonlyMap<string, string> {
  const { text } = inputOf(100);
  return new Map(
    Object.entries(spoilers).map(([fault, spoil]) => {
      const bundle: Spoilable = JSON.parse(text);
      spoil(bundle.entry);
      return [fault, JSON.stringify(bundle)];
    }),
  );
}

const spoilers: Readonly<Record<string, (entries: Spoilable['entry']) => void>> = {
  'MessageHeader.source is missing': ([header]) => delete header?.resource?.['source'],
  'MessageHeader.event is missing': ([header]) => delete header?.resource?.['eventCoding'],
  'MessageHeader.focus is no list': ([header]) => setIn(header, 'focus', { reference: 'ServiceRequest/123456-0' }),
  'the focus is not in the message': ([header]) => setIn(header, 'focus', [{ reference: 'ServiceRequest/none' }]),
  'a urn leads nowhere': ([, order]) => setIn(order, 'subject', { reference: 'urn:uuid:5d1c5d5a-6f0e-4b57-9df2-2b8a0f9b5e11' }),
  'the MessageHeader is not first (bdl-12)': (entries) => entries.reverse(),
  'two entries have one fullUrl (bdl-7)': (entries) => entries.push({ ...entries[1] }),
  'a fullUrl names a version (bdl-8)': ([, order]) => order && (order.fullUrl = `${order.fullUrl ?? ''}/_history/2`),
  'an entry is empty (bdl-5)': (entries) => entries.push({ fullUrl: 'urn:uuid:0b9a7a9e-51b4-4d0a-9a52-0a8f4e2d7c66' }),
  'an entry of a message has a request (bdl-3)': ([, order]) => order && (order.request = { method: 'POST', url: 'ServiceRequest' }),
  'a fullUrl and its resource have two ids': ([, order]) => setIn(order, 'id', 'another'),
};

function setIn(entry: Spoilable['entry'][number] | undefined, name: string, value: unknown): void {
  Object.assign(entry?.resource ?? {}, { [name]: value });
}
