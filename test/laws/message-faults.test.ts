import {
  adopt,
  adoptReply,
  checkMessage,
  createMessage,
  createReply,
  defineEvent,
  graphOf,
  isError,
  isReply,
  messagesIn,
  payloadOf,
  readMessage,
  readReply,
  safeReadMessage,
  toOperationOutcome,
} from '@fhir-messaging/core';
import type { ErrorCode, Issue, Message } from '@fhir-messaging/core';
import { updateServiceRequest } from '@fhir-messaging/netsmart';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oddTexts, outcomeOf, runs, samples } from './exercise-graph.ts';

const event = defineEvent({
  coding: { system: 'http://ntst.com/fhir/message-events', code: 'update-service-request' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..1', Practitioner: '0..*' },
  everyResourceReferenced: true,
});
const payload = {
  ServiceRequest: { resourceType: 'ServiceRequest', id: '5', subject: { reference: 'Patient/1' }, requester: { reference: 'Practitioner/7' } },
  Patient: { resourceType: 'Patient', id: '1', identifier: [{ system: 'urn:x', value: 'A' }] },
  Practitioner: [{ resourceType: 'Practitioner', id: '7', identifier: [{ system: 'urn:y', value: 'B' }] }],
};
const requests = (['R4', 'R5'] as const).map((release) => createMessage(event, Object(payload), { source: 'https://a.example', destination: 'https://b.example', release }));
const replies = requests.map((request) =>
  createReply(request, { source: 'https://b.example', base: 'https://b.example', focus: [payload.ServiceRequest], include: [payload.Patient, ...payload.Practitioner], issues: [{ severity: 'warning', code: 'invalid' }] }),
);
const seeds: readonly object[] = [...requests, ...replies].map(({ bundle }) => bundle).concat(Object(samples));

interface Mutation {
  /** Which member to go down to, at each level. */
  readonly way: readonly number[];
  readonly what: 'replace' | 'delete' | 'repeat' | 'prototype' | 'deep' | 'huge';
  readonly value: unknown;
}
const odd: fc.Arbitrary<unknown> = fc.oneof(
  oddTexts,
  fc.constantFrom<unknown>(null, true, 0, 5, '', [], {}, [null], [[]], [{}], 'ok', 'fatal-error', 'R4', { reference: 5 }, { reference: {} }, { reference: 'Patient/1' }, { identifier: [] }, { resourceType: {} }, { resourceType: 'OperationOutcome', issue: [{}] }),
  fc.jsonValue({ maxDepth: 2 }),
);
const mutations = fc.record({
  way: fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }),
  what: fc.oneof(
    { weight: 300, arbitrary: fc.constantFrom('replace' as const, 'replace' as const, 'delete' as const, 'repeat' as const, 'prototype' as const) },
    { weight: 5, arbitrary: fc.constant('deep' as const) },
    { weight: 1, arbitrary: fc.constant('huge' as const) },
  ),
  value: odd,
});

const put = (holder: object, name: string, value: unknown): void => void Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
const memberOf = (holder: object, name: string): unknown => Object.getOwnPropertyDescriptor(holder, name)?.value;

function mutate(root: { bundle: unknown }, { way, what, value: given }: Mutation): void {
  const value: unknown = structuredClone(given);
  let holder: object = root;
  let name = 'bundle';
  for (const step of way) {
    const next = memberOf(holder, name);
    const names = typeof next === 'object' && next !== null ? Object.keys(next) : [];
    const chosen = names[step % Math.max(names.length, 1)];
    if (typeof next !== 'object' || next === null || chosen === undefined) break;
    [holder, name] = [next, chosen];
  }
  const before = memberOf(holder, name);
  switch (what) {
    case 'replace':
      return put(holder, name, value);
    case 'delete':
      return void (Array.isArray(holder) ? holder.splice(Number(name), 1) : Reflect.deleteProperty(holder, name));
    case 'repeat':
      return Array.isArray(holder) ? void holder.push(before) : put(holder, name, [before, before]);
    case 'prototype':
      return put(holder, '__proto__', value);
    case 'deep': {
      let nested: unknown = before;
      for (let level = 0; level < 5_000; level += 1) nested = level % 2 === 0 ? { extension: nested } : [nested];
      return put(holder, name, nested);
    }
    case 'huge':
      return put(holder, name, Array.from({ length: 100_000 }, () => value));
  }
}

/** Whether what holds the last element of a simple FHIRPath is in the Bundle. */
function pointsInto(bundle: unknown, expression: string): boolean {
  if (!/^Bundle(\.[a-zA-Z_]\w*(\[\d+\])*)*$/.test(expression)) return false;
  const steps = expression.split(/[.[\]]+/).slice(1).filter((step) => step !== '');
  const holder = /\d$/.test(steps.at(-1) ?? '') ? steps : steps.slice(0, -1);
  return holder.reduce<unknown>((node, step) => (typeof node === 'object' && node !== null ? memberOf(node, step) : undefined), bundle) !== undefined;
}

const readers = ['readMessage', 'messagesIn', 'readReply'] as const;
const severities = ['fatal', 'error', 'warning', 'information'];

describe('mutated messages', { timeout: 180_000 }, () => {
  it('give issues, values or documented errors, 10,000 times over', () => {
    const outcomes = new Map<string, number>();
    const count = (what: string, outcome: string): void => void outcomes.set(`${what}: ${outcome}`, (outcomes.get(`${what}: ${outcome}`) ?? 0) + 1);
    const tried = (what: string, documented: readonly ErrorCode[], act: () => unknown): void => count(what, outcomeOf(act, documented));

    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(mutations, { minLength: 1, maxLength: 3 }), fc.constantFrom('strict' as const, 'lenient' as const), fc.constantFrom(undefined, 'R4' as const, 'R5' as const), fc.constantFrom(undefined, event), fc.constantFrom(...readers), fc.boolean(), (seed, list, mode, release, contract, reader, asText) => {
        const root: { bundle: unknown } = { bundle: structuredClone(seed) };
        // What is huge comes once: in itself it would be more than a memory holds.
        const huge = list.find(({ what }) => what === 'huge');
        list.filter((each) => each.what !== 'huge' || each === huge).forEach((each) => mutate(root, each));
        const isPlain = list.every(({ what }) => what !== 'deep');
        const input: object | string = asText && isPlain ? (JSON.stringify(root.bundle) ?? '') : Object(root.bundle);

        const issues: readonly Issue[] = checkMessage(input, { mode, release, event: contract });
        expect(issues.filter(({ severity, code, rule }) => !severities.includes(severity) || code === undefined || rule === undefined)).toEqual([]);
        const value: unknown = typeof input === 'string' ? JSON.parse(input) : input;
        expect(issues.flatMap(({ expression = [] }) => expression).filter((expression) => !pointsInto(value, expression))).toEqual([]);
        expect(toOperationOutcome(issues).issue.length).toBeGreaterThan(0);

        const { message, issues: found } = safeReadMessage(input, { release, event: contract });
        count('safeReadMessage', message === undefined ? 'issues' : 'message');
        expect(message === undefined).toBe(found.some(isError));
        if (reader === 'readMessage') tried(reader, ['message.invalid', 'input.limit'], () => readMessage(input, { mode, release, event: updateServiceRequest }));
        if (reader === 'messagesIn' && memberOf(Object(root.bundle), 'resourceType') === 'Bundle') tried(reader, ['message.invalid', 'input.limit'], () => messagesIn(Object(root.bundle)));
        if (reader === 'readReply') tried(reader, ['reply.invalid', 'reply.mismatch'], () => readReply(input, { request: requests[0] }));
        if (message !== undefined) use(message);
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
      }),
      runs,
    );

    function use(message: Message): void {
      expect(JSON.stringify(message.bundle).length).toBeGreaterThan(0);
      expect(message.bytes.length).toBeGreaterThan(0);
      expect(isReply(message)).toBeTypeOf('boolean');
      tried('payloadOf', ['message.invalid'], () => payloadOf(event, graphOf(message.bundle)));
      tried('createReply', ['reply.invalid', 'message.invalid'], () => createReply(message, { source: 'https://b.example', issues: message.issues }));
      tried('createMessage', ['message.invalid'], () => createMessage(event, graphOf(message.bundle), { source: 'https://a.example' }));
      tried('readReply of it', ['reply.invalid', 'reply.mismatch'], () => readReply(message, { request: requests[1] }));
      for (const request of requests) {
        const { graph, assigned, issues } = adoptReply(request, message);
        const isOther = issues.some(({ rule }) => rule === 'reply.mismatch');
        expect([assigned.length, issues.length]).toEqual(isOther ? [0, 1] : [assigned.length, request.graph.size - 1 - assigned.length]);
        expect(new Set(graph.entries.map(({ fullUrl }) => fullUrl)).size).toBe(graph.size);
        tried('adopt', ['adopt.incomplete'], () => adopt(request.graph, assigned));
      }
    }

    // All of this was met, and most often what is no message.
    expect([...outcomes.keys()]).toEqual(
      expect.arrayContaining([
        'adopt: adopt.incomplete',
        'adopt: value',
        'createMessage: message.invalid',
        'createMessage: value',
        'createReply: reply.invalid',
        'createReply: value',
        'messagesIn: message.invalid',
        'messagesIn: value',
        'payloadOf: message.invalid',
        'payloadOf: value',
        'readMessage: message.invalid',
        'readMessage: value',
        'readReply of it: reply.invalid',
        'readReply of it: reply.mismatch',
        'readReply of it: value',
        'readReply: reply.invalid',
        'readReply: reply.mismatch',
        'readReply: value',
      ]),
    );
    expect(outcomes.get('safeReadMessage: message')).toBeGreaterThan(1_000);
    expect(outcomes.get('safeReadMessage: issues')).toBeGreaterThan(1_000);
  });
});

const prototype = Object.getOwnPropertyNames(Object.prototype);
