import { checkMessage, createMessage, defineEvent, isError, isMessagingError, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs, unhurried } from './exercise-graph.ts';

const event = defineEvent({
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..1', Practitioner: '0..*', Organization: '0..*' },
});

const servers = ['https://a.example/fhir/', 'https://b.example/'] as const;
const types = ['ServiceRequest', 'Patient', 'Practitioner', 'Organization'] as const;

/** A resource as somebody gives it: with or without an id, alone or under a `fullUrl`, with references by type and id or by `fullUrl`. */
interface Given {
  readonly type: (typeof types)[number];
  readonly id: string | undefined;
  readonly name: 'alone' | 'urn' | (typeof servers)[number];
  /** Which type and id each reference says, and whether it says so relatively, or by the `fullUrl` of the resource that is given there. */
  readonly references: readonly { readonly type: (typeof types)[number]; readonly id: string; readonly at: number; readonly form: 'relative' | 'fullUrl' }[];
}

const given = (type: Given['type']): fc.Arbitrary<Given> =>
  fc.record({
    type: fc.constant(type),
    id: fc.constantFrom(undefined, '1', '2'),
    name: fc.constantFrom('alone' as const, 'alone' as const, 'urn' as const, ...servers),
    references: fc.array(fc.record({ type: fc.constantFrom(...types), id: fc.constantFrom('1', '2'), at: fc.nat(7), form: fc.constantFrom('relative' as const, 'relative' as const, 'fullUrl' as const) }), { maxLength: 3 }),
  });

const payloads = fc
  .tuple(given('ServiceRequest'), fc.option(given('Patient'), { nil: undefined }), fc.array(given('Practitioner'), { maxLength: 3 }), fc.array(given('Organization'), { maxLength: 3 }))
  .map(([order, patient, practitioners, organizations]) => [order, ...(patient ? [patient] : []), ...practitioners, ...organizations]);

const urnAt = (position: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${position}`;

/** The `fullUrl` that a resource is given under, where it is given under one. */
function nameOf({ type, id, name }: Given, position: number): string | undefined {
  return name === 'urn' || (name !== 'alone' && id === undefined) ? urnAt(position) : name === 'alone' ? undefined : `${name}${type}/${id ?? ''}`;
}

function resourcesOf(all: readonly Given[]): object[] {
  return all.map(({ type, id, references }, position) => {
    const link = references.map((reference) => {
      const target = all[reference.at % all.length];
      const named = target && nameOf(target, reference.at % all.length);
      return { reference: reference.form === 'fullUrl' && named !== undefined ? named : `${reference.type}/${reference.id}` };
    });
    const resource = { resourceType: type, ...(id !== undefined && { id }), ...(link.length > 0 && { link }) };
    const fullUrl = nameOf({ type, id, references, name: all[position]?.name ?? 'alone' }, position);
    return fullUrl === undefined ? resource : { fullUrl, resource };
  });
}

/** The server that a resource is on, by the `fullUrl` that it will have: `undefined` where nobody knows. */
function serverOf({ id, name }: Given, base: string | undefined): string | undefined {
  return id === undefined || name === 'urn' ? undefined : name === 'alone' ? base : name;
}

/** Where a relative reference has to lead: to a position, out of the message, or nowhere, so that the message is refused. */
function meant(all: readonly Given[], holder: Given, { type, id }: { type: string; id: string }, base: string | undefined): number | 'outside' | 'refused' {
  const own = serverOf(holder, base) ?? base;
  const alike = all.flatMap((each, position) => (each.type === type && each.id === id ? [{ position, server: serverOf(each, base) }] : []));
  const onServer = alike.find(({ server }) => own !== undefined && server === own);
  if (onServer !== undefined) {
    return onServer.position;
  }
  if (own !== undefined) {
    return 'outside';
  }
  return alike.length > 1 ? 'refused' : (alike[0]?.position ?? 'refused');
}

function created(make: () => Message): Message | undefined {
  try {
    return make();
  } catch (error) {
    if (isMessagingError(error) && error.code === 'message.invalid') return undefined;
    throw error;
  }
}

const frozenIn = (value: unknown): boolean => typeof value === 'object' && value !== null && (Object.isFrozen(value) || Object.values(value).some(frozenIn));

describe('createMessage', unhurried, () => {
  it('writes, of any payload, a sound message whose references lead to what they named, or refuses it', () => {
    let refusals = 0;
    let references = 0;
    fc.assert(
      fc.property(payloads, fc.constantFrom(undefined, ...servers), fc.constantFrom('R4' as const, 'R4B' as const, 'R5' as const), (all, base, release) => {
        const slots = resourcesOf(all);
        const payload = Object.fromEntries(types.map((type) => [type, slots.filter((_, position) => all[position]?.type === type)]));
        const before = JSON.stringify(payload);
        const single = { ...payload, ServiceRequest: payload['ServiceRequest']?.[0], Patient: payload['Patient']?.[0] };
        const finalNames = all.map((each, position) => nameOf(each, position) ?? (serverOf(each, base) === undefined ? urnAt(100 + position) : `${serverOf(each, base) ?? ''}${each.type}/${each.id ?? ''}`));
        const leads = all.flatMap((holder) => holder.references.map((reference) => {
          const at = reference.at % all.length;
          const target = all[at];
          return reference.form === 'fullUrl' && target && nameOf(target, at) !== undefined ? finalNames.indexOf(nameOf(target, at) ?? '') : meant(all, holder, reference, base);
        }));
        const isSound = new Set(finalNames).size === all.length && !leads.includes('refused');

        const message = created(() => createMessage(event, Object(single), { source: 'https://app.example', base, release }));

        expect(JSON.stringify(payload)).toBe(before);
        expect(frozenIn(payload)).toBe(false);
        expect(message !== undefined).toBe(isSound);
        if (message === undefined) {
          refusals += 1;
          return;
        }
        expect(checkMessage(message.bundle, { event, release, mode: 'strict' }).filter(isError)).toEqual([]);
        const order = all.map((_, position) => position).toSorted((a, b) => types.indexOf(all[a]?.type ?? 'Patient') - types.indexOf(all[b]?.type ?? 'Patient'));
        const led = new Map<number, (number | 'outside')[]>();
        message.graph.entries.slice(1).forEach(({ key }, index) => {
          led.set(order[index] ?? -1, message.graph.linksFrom(key).map(({ target, kind }) => (kind === 'external' ? 'outside' : (order[message.graph.entries.findIndex((entry) => entry.key === target) - 1] ?? -1))));
        });
        expect(all.flatMap((_, position) => led.get(position) ?? [])).toEqual(leads);
        references += leads.length;
        expect(readMessage(message.bytes, { event, release, mode: 'strict' }).bundle).toEqual(message.bundle);
        expect(readMessage(message.bytes, { event, release, mode: 'lenient' }).issues.filter(({ rule }) => rule === 'reference.lenient')).toEqual([]);
      }),
      { ...runs, numRuns: 5_000 },
    );
    expect(refusals).toBeGreaterThan(500);
    expect(references).toBeGreaterThan(5_000);
  });
});

/** As JSON has it: there is no -0. */
const contents = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 }).map((content): object => JSON.parse(JSON.stringify(content)));

describe('readMessage', unhurried, () => {
  it('finds in the bytes of a message the message itself', () => {
    fc.assert(
      fc.property(contents, fc.constantFrom('R4' as const, 'R5' as const), (content, release) => {
        const resource = { ...content, resourceType: 'ServiceRequest', id: '5' };
        const message = created(() => createMessage(event, Object({ ServiceRequest: resource }), { source: 'https://app.example', release }));
        if (message === undefined) return;

        const read = readMessage(message.bytes, { event, release });

        expect(read.bundle).toEqual(message.bundle);
        expect(read.bytes).toEqual(message.bytes);
        expect(read.identity).toEqual(message.identity);
        expect(JSON.stringify(read.graph.all('ServiceRequest')[0])).toBe(JSON.stringify(resource));
      }),
      { ...runs, numRuns: 2_000 },
    );
  });
});
