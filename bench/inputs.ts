import { readFileSync } from 'node:fs';
import type { Bundle } from '@fhir-messaging/core';

/** One reference of an input, and the `fullUrl` that it is known to lead to. */
export interface KnownReference {
  readonly from: string;
  readonly reference: string;
  readonly target: string;
}

/** A message in the forms that the rows take, with what is known to be right about it. */
export interface Input {
  /** Entries beside the header. */
  readonly entries: number;
  /** Whoever changes or freezes what it is given parses this for itself. */
  readonly text: string;
  /** Parsed once, never changed: what a row means by a reused input. */
  readonly bundle: Bundle;
  /** Every reference, in document order. */
  readonly references: readonly KnownReference[];
}

/** The server of Netsmart's sample. */
export const base = 'https://fhir.netsmartcloud.com/v4/';

/** An event like Netsmart's, for any number of referrals in one message. */
export const eventCoding = { system: 'https://bench.example.org/events', code: 'submit-many-service-requests' };

/** The application that sends. */
export const source = 'https://app.example.org/fhir';

const sampleFile = new URL('../test/fixtures/netsmart-update-request.json', import.meta.url);
const inFocus: readonly string[] = ['ServiceRequest', 'QuestionnaireResponse'];

interface Entry {
  readonly fullUrl: string;
  readonly resource: { readonly resourceType: string };
}

/**
 * Netsmart's sample with its ten resources repeated, under fresh ids, behind one header.
 *
 * Where the sample breaks a rule the copies do not: each `resource.id` is what its `fullUrl` ends in, the header has an id and a source,
 * the Bundle has a timestamp, and no array is empty.
 */
export function inputOf(entries: number): Input {
  const sample: { id: string; entry: Entry[] } = JSON.parse(readFileSync(sampleFile, 'utf8'));
  const resources = sample.entry.slice(1);
  if (entries % resources.length !== 0) {
    throw new RangeError(`An input has a multiple of ${resources.length} entries.`);
  }
  const references: KnownReference[] = [];
  const copies = Array.from({ length: entries / resources.length }, (_, copy) => resources.map((entry) => copyOf(entry, copy, references))).flat();
  const focus = copies.filter(({ resource }) => inFocus.includes(resource.resourceType)).map(({ fullUrl }) => fullUrl);
  const header = {
    fullUrl: `${base}MessageHeader/1`,
    resource: { resourceType: 'MessageHeader', id: '1', eventCoding, source: { endpoint: source }, focus: focus.map((url) => ({ reference: url.slice(base.length) })) },
  };
  references.unshift(...focus.map((target) => ({ from: header.fullUrl, reference: target.slice(base.length), target })));

  const text = JSON.stringify({ resourceType: 'Bundle', id: sample.id, type: 'message', timestamp: '2026-11-21T09:00:00Z', entry: [header, ...copies] });
  return { entries, text, bundle: JSON.parse(text), references };
}

/** One entry under an id of its own; references, all of them to the same copy's resources, follow and are noted. */
function copyOf({ fullUrl, resource }: Entry, copy: number, references: KnownReference[]): Entry {
  const from = `${fullUrl}-${copy}`;
  const renamed: Entry['resource'] = JSON.parse(JSON.stringify(resource), (name, value: unknown) => {
    if (Array.isArray(value) && value.length === 0) {
      return undefined;
    }
    if (name !== 'reference' || typeof value !== 'string') {
      return value;
    }
    const reference = `${value}-${copy}`;
    references.push({ from, reference, target: base + reference });
    return reference;
  });
  return { fullUrl: from, resource: { ...renamed, ...{ id: from.slice(from.lastIndexOf('/') + 1) } } };
}
