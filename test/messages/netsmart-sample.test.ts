import { readFileSync } from 'node:fs';
import { adoptReply, checkMessage, createMessage, MessagingError, payloadOf, readMessage, readReply, safeReadMessage, updateEntry } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { parse } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';

const text = (name: string): string => readFileSync(new URL(`../fixtures/netsmart-update-${name}`, import.meta.url), 'utf8');
const told = (issues: readonly Issue[]): string[] => issues.map(({ severity, rule, expression }) => `${severity} ${rule ?? ''} ${expression?.join() ?? ''}`);

/** What both messages leave out or contradict, in the words of a mode. */
const faults = (error: string, timestamp: string): string[] => [
  `${timestamp} bundle.timestamp Bundle.timestamp`,
  ...[0, 2, 5, 6, 8, 9].map((position) => `${error} fullUrl.id Bundle.entry[${position}].fullUrl`),
  `${error} header.source Bundle.entry[0].resource.source`,
  `${error} identity.message Bundle.entry[0].resource.id`,
];
const strict = [...faults('error', 'warning'), 'information header.destination Bundle.entry[0].resource.destination'];
const lenient = faults('warning', 'information');
const mismatch = 'error event.mismatch Bundle.entry[0].resource.event';

describe.each(['request', 'response'])("Netsmart's sample %s", (which) => {
  const sample = text(`${which}.json`);

  it.each([
    ['strict', undefined, strict],
    ['strict', updateServiceRequest, strict],
    ['strict', submitServiceRequest, [...strict, mismatch]],
    ['lenient', undefined, lenient],
    ['lenient', updateServiceRequest, lenient],
    ['lenient', submitServiceRequest, [...lenient, mismatch]],
  ] as const)('has exactly these issues, %s, with the contract %o', (mode, event, issues) => {
    expect(told(checkMessage(sample, { mode, event })).toSorted()).toEqual([...issues].toSorted());
  });

  it('has 11 entries and keeps its contract, read leniently', () => {
    const message = readMessage(sample, { event: updateServiceRequest });

    expect(message.graph.size).toBe(11);
    expect(message.graph.unresolved()).toEqual([]);
    const payload = payloadOf(updateServiceRequest, message.graph);
    expect([payload.Patient.resourceType, payload.ServiceRequest.id, payload.PractitionerRole?.length]).toEqual(['Patient', '123456', 2]);
  });

  it('is named by Bundle.id alone', () => {
    const { identity } = readMessage(sample);

    expect(identity.ids.map(({ source }) => source)).toEqual(['Bundle.id']);
    expect(identity.message).toBe(which === 'request' ? '607e4728-5d96-43a8-8be0-418313050140' : '1a124350-e357-4b29-b780-1a4c9064c024');
  });

  const published = text(`${which}.as-published.txt`);
  const at = { line: which === 'request' ? 30 : 34, column: 1 };
  const tolerant = (given: string): unknown => {
    const errors: ParseError[] = [];
    const value: unknown = parse(given, errors, { allowTrailingComma: true });
    if (errors.length > 0) throw new SyntaxError('not even JSON with comments');
    return value;
  };

  it('is not JSON as published: where, and what was expected (json.invalid)', () => {
    const message = `The text is not JSON: expected a value or "]" at line ${at.line}, column ${at.column}.`;

    expect(published.split('\n')[at.line - 1]).toMatch(/^\/\//);
    expect(() => readMessage(published)).toThrow(expect.objectContaining({ name: 'MessagingError', code: 'json.invalid', message, ...at }));
    expect(checkMessage(published)).toMatchObject([{ severity: 'fatal', rule: 'json.invalid', diagnostics: message }]);
  });

  it('is not JSON with comments either, since its braces are broken: a parser that says so is believed (json.invalid)', () => {
    expect(() => readMessage(published, { parse: tolerant })).toThrow(expect.objectContaining({ code: 'json.invalid', ...at }));
    expect(() => tolerant(published)).toThrow(SyntaxError);
  });

  it('puts its Patient in the place of an Organization for a parser that guesses: the referral is about nobody in it then (fullUrl.type, netsmart.patient)', () => {
    const guess = (given: string): unknown => parse(given, [], { allowTrailingComma: true });

    const { message, issues } = safeReadMessage(published, { parse: guess, event: updateServiceRequest });

    expect(message).toBeUndefined();
    expect(told(issues).filter((line) => !lenient.includes(line))).toEqual([
      'error netsmart.patient Bundle.entry[1].resource.subject',
      'warning json.tolerant ',
      'warning fullUrl.type Bundle.entry[7].fullUrl',
      'information reference.external Bundle.entry[1].resource.subject',
    ]);
    expect(readMessage(published, { parse: guess }).graph.size).toBe(10);
  });

  it('is read with comments and trailing commas where its braces are right, with a warning (json.tolerant)', () => {
    const commented = sample.replace('"entry": [', '// what it talks about\n  "entry": [').replace(/\}\s*\]\s*\}\s*$/, '},]}');

    const message = readMessage(commented, { parse: tolerant, event: updateServiceRequest });

    expect(message.bundle).toEqual(JSON.parse(sample));
    expect(told(message.issues)).toContain('warning json.tolerant ');
  });
});

describe("Netsmart's sample pair", () => {
  const request = readMessage(text('request.json'), { event: updateServiceRequest });
  const response = readMessage(text('response.json'), { event: updateServiceRequest });

  it('correlates by Bundle.id, which is the rule of its strategy', () => {
    expect(readReply(text('response.json'), { request, identity: netsmart })).toMatchObject({ code: 'ok', issues: [], matched: 'Bundle.id', matchedByRule: true, disagrees: false });
    expect(readReply(text('response.json'), { request })).toMatchObject({ matched: 'Bundle.id', matchedByRule: false });
  });

  it('does not correlate with another request, though both headers have the same fullUrl (reply.mismatch)', () => {
    const other = readMessage({ ...request.bundle, id: 'another' });

    expect(() => readReply(text('response.json'), { request: other, identity: netsmart })).toThrow(MessagingError);
  });

  it('echoes every resource under its fullUrl', () => {
    const { assigned, graph, issues } = adoptReply(request, response);

    expect(assigned.map(({ from, to, by }) => [from === to, by])).toEqual(Array.from({ length: 10 }, () => [true, 'full-url']));
    expect(graph).toBe(request.graph);
    expect(issues).toEqual([]);
  });

  it('is not strictly sound, so it is sent again only with its ids put right (fullUrl.id)', () => {
    expect(() => createMessage(updateServiceRequest, request.graph, { source: 'https://a.example' })).toThrow(expect.objectContaining({ code: 'message.invalid' }));

    const sound = request.graph.entries.slice(1).reduce((graph, { key }) => updateEntry(graph, key, (resource) => void (resource.id = key.slice(key.lastIndexOf('/') + 1))), request.graph);
    const update = createMessage(updateServiceRequest, sound, { source: 'https://a.example', destination: 'https://fhir.netsmartcloud.com/v4' });

    expect(update.issues).toEqual([]);
    expect(update.graph.focus.map(({ id }) => id)).toEqual(['123456', 'ABC-456789']);
  });
});
