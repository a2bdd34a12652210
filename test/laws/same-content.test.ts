import { createMessage, defineEvent } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lawSeed } from './seed.ts';

const source = 'https://app.example.org';
const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const { bundle } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source });

/** The same message, saying something else. */
const saying = (said: unknown): object => {
  const [header, patient] = bundle.entry ?? [];
  return { ...bundle, entry: [header, { ...patient, resource: { ...patient?.resource, said } }] };
};
/** The same value, the members of each of its objects in the order of a number. */
const shuffled = (value: unknown, order: number): unknown => {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, order));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, shuffled(member, order)]);
  const cut = order % (members.length + 1);
  return Object.fromEntries([...members.slice(cut), ...members.slice(0, cut)].reverse());
};
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([name, member]) => [name, sorted(member)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)).concat([['', 'an object']]) : value;
};
/** Few names and values, so that many are nearly alike. */
const said = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom('', 'a', 'b', 'ab', '1', 'null', 'true', 1, 0, -1, null, true, false, '\ud83d', '\ufffd'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', '1', 'c'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** What comes of messages under the same ids, one after the other. */
async function statusesOf(...all: readonly unknown[]): Promise<{ statuses: readonly number[]; runs: number }> {
  let runs = 0;
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => void (runs += 1));
  const statuses: number[] = [];
  for (const value of all) statuses.push((await receiver.process(new TextEncoder().encode(JSON.stringify(saying(value))))).status);
  return { statuses, runs };
}

it('cache.content: a known id is known with what says the same in any order of members, and with nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(said, said, fc.nat(7), async (one, other, order) => {
      const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

      expect(await statusesOf(one, shuffled(one, order), other)).toEqual({ statuses: [200, 200, isSame ? 200 : 409], runs: 1 });
    }),
    { seed: lawSeed, numRuns: 2_000 },
  );
});

it('cache.content: half a character is no other half, and not what UTF-8 has in its place', async () => {
  expect(await statusesOf('\ud83d', '\ufffd', '\ud83e', '\ud83d')).toEqual({ statuses: [200, 409, 409, 200], runs: 1 });
});
