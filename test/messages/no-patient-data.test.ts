import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  adopt,
  adoptReply,
  addEntry,
  checkMessage,
  createMessage,
  createReply,
  defineEvent,
  graphOf,
  isMessagingError,
  messagesIn,
  payloadOf,
  readMessage,
  readReply,
  safeReadMessage,
  toIssues,
  toOperationOutcome,
} from '@fhir-messaging/core';
import type { ErrorCode } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lawSeed } from '../laws/seed.ts';

const sample = JSON.parse(readFileSync(new URL('../fixtures/netsmart-update-request.json', import.meta.url), 'utf8')) as Record<string, unknown>;

/** What a message is made of, and may be told: types, names of entries, references, ids of messages, and the event. */
const tellable = new Set(['resourceType', 'fullUrl', 'reference', 'id', 'code', 'eventUri', 'versionId']);
const secret = 'SENTINEL';

/** The value with every text in it that is the patient's, or might be, made a sentinel. */
function planted(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return tellable.has(name) ? value : `${secret} ${value}`;
  if (Array.isArray(value)) return value.map((item) => planted(item, name));
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, planted(item, key)])) : value;
}

/** Everything that a value can show of itself: hidden members, cause and stack among it, and its JSON. */
const shownBy = (value: unknown): string => `${inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null })}${JSON.stringify(value)}`;

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const resources = planted(sample) as { entry: { fullUrl: string; resource: { resourceType: string } }[] };
const resourceOf = (type: string): object => ({ ...resources.entry.find(({ resource }) => resource.resourceType === type)?.resource, id: '1' });
const [order, patient] = [{ resourceType: 'ServiceRequest', id: '1', note: [{ text: secret }], subject: { reference: 'Patient/1' } }, resourceOf('Patient')];
const options = { source: 'https://a.example', header: { reason: { text: secret } } };
const sound = createMessage(submitServiceRequest, Object({ ServiceRequest: order, Patient: patient }), options);
const text = new TextDecoder().decode(sound.bytes);

describe('no patient data (CONTRIBUTING: rules, paths, types, counts and message ids)', () => {
  it('is missing from the message itself, so that the rest of this means something', () => {
    expect(text).toContain(`${secret} First MI Last`);
    expect(text).toContain(`${secret} 1997-01-16`);
  });

  it.each<[ErrorCode, string, () => unknown]>([
    ['event.invalid', 'a table of nonsense', () => defineEvent(Object({ uri: 'x', category: 'notification', focus: [], payload: { Patient: 'one' }, secret }))],
    ['json.invalid', 'a text that breaks off', () => readMessage(text.slice(0, -2))],
    ['json.invalid', 'a text that breaks off in a name', () => readMessage(text.slice(0, text.indexOf('First MI')))],
    ['json.invalid', 'a text with a comment', () => readMessage(text.replace('"name"', `/* ${secret} */ "name"`))],
    ['json.invalid', 'a text that a tolerant parser gives up on', () => readMessage(text.slice(0, -2), { parse: (given) => { throw new SyntaxError(`cannot read ${given}`); } })],
    ['json.invalid', 'bytes that are no UTF-8', () => readMessage(new Uint8Array([...sound.bytes.slice(0, -10), 0xff]))],
    ['input.limit', 'a text beyond the limit', () => readMessage(text, { limits: { maxBytes: 5 } })],
    ['input.limit', 'more entries than the limit', () => readMessage(text, { limits: { maxEntries: 1 } })],
    ['message.invalid', 'a payload of the wrong types', () => createMessage(submitServiceRequest, Object({ ServiceRequest: patient, Patient: secret, Coverage: [{ [secret]: secret }] }), options)],
    ['message.invalid', 'a payload with too many', () => createMessage(submitServiceRequest, Object({ ServiceRequest: [order, order], Patient: [patient, patient] }), options)],
    ['message.invalid', 'a header of the wrong shape', () => createMessage(submitServiceRequest, Object({ ServiceRequest: order, Patient: patient }), Object({ ...options, header: { sender: secret, definition: [secret], extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: secret }] } }))],
    ['message.invalid', 'an update of what was never submitted', () => createMessage(updateServiceRequest, sound.graph, options)],
    ['message.invalid', 'a message of another event', () => readMessage(text, { event: updateServiceRequest })],
    ['message.invalid', 'a message of another release', () => readMessage(text, { release: 'R5', mode: 'strict' })],
    ['message.invalid', 'what is no message', () => readMessage(JSON.stringify(patient))],
    ['message.invalid', 'a searchset of what is no message', () => messagesIn({ resourceType: 'Bundle', type: 'searchset', entry: [{ resource: { resourceType: 'Bundle', type: 'message', entry: [{ resource: patient }] } }] })],
    ['message.invalid', 'a graph that does not fit its contract', () => payloadOf(submitServiceRequest, addEntry(sound.graph, Object(patient)))],
    ['message.invalid', 'a reply that contradicts itself', () => createReply(sound, { source: 'https://b.example', code: 'ok', focus: [{ resourceType: 'Patient', name: secret }], issues: [{ severity: 'error', code: 'invalid', diagnostics: secret }] })],
    ['reply.invalid', 'a message in place of a reply', () => readReply(text)],
    ['reply.invalid', 'a page in place of a reply', () => readReply(`<html>${secret}</html>`)],
    ['reply.invalid', 'a request with nothing to quote', () => createReply(readMessage({ resourceType: 'Bundle', type: 'message', entry: [{ resource: { resourceType: 'MessageHeader', eventUri: 'x', reason: secret && { text: secret } } }, { fullUrl: 'urn:uuid:p', resource: patient }] }), options)],
    ['reply.mismatch', 'a reply to another request', () => readReply(createReply(sound, { source: 'https://b.example', issues: [{ severity: 'warning', code: 'invalid', diagnostics: secret }] }), { request: readMessage(Object(sample)), identity: netsmart })],
    ['adopt.incomplete', 'a reply that names nothing', () => adopt(sound.graph, [])],
    ['entry.duplicate', 'an id that another entry has', () => adopt(sound.graph, sound.graph.entries.slice(1).map(({ key }) => ({ from: key, to: 'urn:uuid:same', by: 'identifier' as const })))],
  ])('is in an error %s of %s', (code, _says, act) => {
    const error = thrownBy(act);

    expect(isMessagingError(error) && error.code).toBe(code);
    expect(shownBy(error)).not.toContain(secret);
    expect(shownBy(toIssues(error))).not.toContain(secret);
    expect(shownBy(toOperationOutcome(toIssues(error)))).not.toContain(secret);
  });

  it('is in what adoptReply says of entries that it cannot tell apart (adopt.unmatched)', () => {
    const { issues } = adoptReply(sound, createReply(sound, { source: 'https://b.example', focus: [Object(patient), { ...patient, resourceType: 'Patient', id: '2' }] }));

    expect(issues).toHaveLength(2);
    expect(shownBy(issues)).not.toContain(secret);
  });

  it('is in no issue about a message in which something is wrong, wherever it is and in whatever place, 2,000 times over', () => {
    let found = 0;
    const seeds = [resources, sound.bundle, createReply(sound, { source: 'https://b.example', focus: [Object(patient)], issues: [{ severity: 'error', code: 'invalid', diagnostics: secret }] }).bundle];
    const wrong = fc.constantFrom<unknown>(secret, [secret], { value: secret }, { [secret]: secret }, [[secret]], null, { reference: 5, display: secret }, undefined);
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), wrong), { minLength: 1, maxLength: 4 }), (seed, changes) => {
        const bundle: Record<string, unknown> = JSON.parse(JSON.stringify(seed));
        for (const [way, value] of changes) {
          let holder: Record<string, unknown> = bundle;
          way.forEach((step, depth) => {
            const names = Object.keys(holder).filter((name) => !tellable.has(name));
            const name = names[step % Math.max(names.length, 1)] ?? 'x';
            const next = holder[name];
            if (depth < way.length - 1 && typeof next === 'object' && next !== null) holder = next as Record<string, unknown>;
            else if (depth === way.length - 1) holder[name] = value;
          });
        }
        for (const mode of ['strict', 'lenient'] as const) {
          const issues = checkMessage(bundle, { mode, event: updateServiceRequest });
          found += issues.length;
          expect(shownBy(issues)).not.toContain(secret);
        }
        expect(shownBy(safeReadMessage(bundle).issues)).not.toContain(secret);
        expect(shownBy(thrownBy(() => createMessage(updateServiceRequest, graphOf(Object(bundle)), options)))).not.toContain(secret);
      }),
      { seed: lawSeed, numRuns: 2_000 },
    );
    expect(found).toBeGreaterThan(20_000);
  }, 60_000);
});
