import { adoptReply, bars, createMessage, createReply, defineEvent, isMessagingError, r4, r5, readReply, safeReadMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lawSeed } from './seed.ts';

const runs = { seed: lawSeed, numRuns: 1_000 };
const event = defineEvent({
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..*', Practitioner: '0..*' },
});

const uuid = '0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';
const oddIds = [undefined, '', '1', '1.2', 'a', 'A', uuid, uuid.toUpperCase(), `urn:uuid:${uuid}`, `URN:UUID:${uuid}`, 'urn:oid:1.2', 'https://a.example/MessageHeader/1', 'x'.repeat(70), 'a|b', ' a'] as const;
const oddId = fc.constantFrom<string | undefined>(...oddIds);
const system = fc.constantFrom(undefined, 'urn:s', 'urn:t', 'urn:ietf:rfc:3986');

interface Named {
  readonly release: 'R4' | 'R5';
  readonly header: string | undefined;
  readonly bundle: string | undefined;
  readonly identifier: { readonly system?: string | undefined; readonly value: string } | undefined;
}

const named = (release: 'R4' | 'R5'): fc.Arbitrary<Named> =>
  fc.record({
    release: fc.constant(release),
    header: oddId,
    bundle: oddId,
    identifier: fc.tuple(system, oddId).map(([given, value]) => (value === undefined ? undefined : { ...(given !== undefined && { system: given }), value })),
  });

function requestOf({ release, header, bundle, identifier }: Named): Message | undefined {
  const { entry: [first, ...rest] = [], ...envelope } = createMessage(event, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: {} } }, { source: 'https://a.example', release }).bundle;
  return safeReadMessage(JSON.stringify({ ...envelope, id: bundle, identifier, entry: [{ ...first, resource: { ...first?.resource, id: header } }, ...rest] }), { release }).message;
}

/** What an id is compared by: without its URN, and a UUID in lower case and in any system. */
function plain(value: string): string {
  const bare = value.replace(/^urn:(uuid|oid):/i, '');
  return bare.toLowerCase() === uuid ? uuid : bare;
}

function idsOf(request: Message): readonly { readonly value: string; readonly system: string | undefined }[] {
  const { id, identifier, entry } = request.bundle;
  const fullUrl = entry?.[0]?.fullUrl;
  const all = [{ value: entry?.[0]?.resource?.id, system: undefined }, { value: identifier?.value, system: identifier?.system }, { value: id, system: undefined }, { value: fullUrl?.startsWith('urn:') ? fullUrl : undefined, system: undefined }];
  return all.flatMap(({ value, system: own }) => (value === undefined || value === '' ? [] : [{ value: plain(value), system: plain(value) === uuid ? undefined : own }]));
}

const outcomeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (isMessagingError(error)) return error.code;
    throw error;
  }
};

describe('readReply', () => {
  it('takes what createReply wrote for an answer to its own request, and to no other that shares no id with it', () => {
    let [matches, mismatches] = [0, 0];
    const pair = fc.constantFrom('R4' as const, 'R5' as const).chain((release) => fc.tuple(named(release), named(release)));
    fc.assert(
      fc.property(pair, fc.constantFrom(undefined, r4, r5, bars, netsmart), ([ours, theirs], identity) => {
        const [request, other] = [requestOf(ours), requestOf(theirs)];
        const reply = request && outcomeOf(() => createReply(request, { source: 'https://b.example', identity }));
        if (request === undefined || other === undefined || reply === undefined) return;
        if (typeof reply === 'string') {
          expect(['reply.invalid', 'message.invalid']).toContain(reply);
          return;
        }
        const written = safeReadMessage(JSON.stringify(Object(reply).bundle)).message;
        if (written === undefined) throw new Error('what createReply wrote cannot be read');
        expect(readReply(written, { request, identity }).matched).toBeDefined();
        matches += 1;
        const shared = idsOf(request).some(({ value, system: own }) => idsOf(other).some((id) => id.value === value && (own === undefined || id.system === undefined || own === id.system || ours.release === 'R4')));
        if (!shared) {
          expect(outcomeOf(() => readReply(written, { request: other, identity }))).toBe('reply.mismatch');
          mismatches += 1;
        }
      }),
      runs,
    );
    expect(Math.min(matches, mismatches)).toBeGreaterThan(runs.numRuns / 50);
  });
});

/** A record that is somebody's: whose it is shows in what is its own, and in nothing else. */
interface Written {
  readonly who: number;
  readonly type: 'Patient' | 'Practitioner';
  readonly server: 'urn' | 'https://a.example/' | 'https://b.example/';
  readonly systems: readonly string[];
  readonly refers: readonly number[];
}

const written = fc.record({
  who: fc.nat(4),
  type: fc.constantFrom('Patient' as const, 'Practitioner' as const),
  server: fc.constantFrom('urn' as const, 'https://a.example/' as const, 'https://b.example/' as const),
  systems: fc.uniqueArray(fc.constantFrom('urn:s', 'urn:t'), { maxLength: 2 }),
  refers: fc.array(fc.nat(6), { maxLength: 2 }),
});
const all = fc.uniqueArray(written, { maxLength: 5, selector: ({ who, type }) => `${type}${who}` });
const urlOf = ({ who, type, server }: Written): string => (server === 'urn' ? `urn:uuid:00000000-0000-4000-8000-${type === 'Patient' ? 'a' : 'b'}0000000000${who}` : `${server}${type}/${who}`);
const namesOf = ({ who, systems }: Written): object[] => systems.map((own) => ({ system: own, value: `${who}` }));

describe('adoptReply', () => {
  it("takes nobody's record for another's, by any sign that there is, loses nothing, and leaves every reference where it led", () => {
    let adopted = 0;
    fc.assert(
      fc.property(all, all, (ours, theirs) => {
        const resources = ours.map((each) => ({
          fullUrl: urlOf(each),
          resource: { resourceType: each.type, ...(each.server !== 'urn' && { id: `${each.who}` }), identifier: namesOf(each), link: each.refers.flatMap((at) => (ours[at] ? [{ other: { reference: urlOf(ours[at]) } }] : [])) },
        }));
        const of = (type: string): object[] => resources.filter(({ resource }) => resource.resourceType === type);
        const request = createMessage(event, Object({ ServiceRequest: { resourceType: 'ServiceRequest', subject: resources[0] && { reference: resources[0].fullUrl } }, Patient: of('Patient'), Practitioner: of('Practitioner') }), { source: 'https://a.example' });
        const include = theirs.map((each) => ({ fullUrl: urlOf(each), resource: { resourceType: each.type, ...(each.server !== 'urn' && { id: `${each.who}` }), identifier: namesOf(each) } }));
        const reply = createReply(request, { source: 'https://b.example', include: Object(include) });

        const { graph, assigned, issues } = adoptReply(request, reply);

        const find = (among: readonly Written[], url: string): Written | undefined => among.find((each) => urlOf(each) === url);
        for (const { from, to } of assigned) {
          const [mine, found] = [find(ours, from), find(theirs, to)];
          if (mine === undefined || found === undefined) throw new Error('an entry was made up');
          const isTold = mine.who !== found.who && (mine.systems.some((own) => found.systems.includes(own)) || (mine.server !== 'urn' && mine.server === found.server));
          expect([mine.type, isTold]).toEqual([found.type, false]);
          adopted += 1;
        }
        expect(new Set(assigned.map(({ to }) => to)).size).toBe(assigned.length);
        expect(assigned.length + issues.length).toBe(request.graph.size - 1);
        const shape = (of_: typeof graph): unknown => of_.entries.map(({ key, resource }) => [resource?.resourceType, of_.linksFrom(key).map(({ path, target }) => [path, of_.entries.findIndex((entry) => entry.key === target)]), Object(resource).identifier]);
        expect(shape(graph)).toEqual(shape(request.graph));
        expect(graph.entries.slice(1).map(({ key }) => key)).toEqual(request.graph.entries.slice(1).map(({ key }) => assigned.find(({ from }) => from === key)?.to ?? key));
      }),
      runs,
    );
    expect(adopted).toBeGreaterThan(runs.numRuns / 4);
  });
});
