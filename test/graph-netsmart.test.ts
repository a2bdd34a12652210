import { readFileSync } from 'node:fs';
import { parse, type ParseError } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { isMessagingError, parseGraph, renameEntry, toMermaid } from '@fhir-messaging/core';

const read = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const server = 'https://fhir.netsmartcloud.com/v4/';

/** As the documentation of `ParseOptions` has it. */
const tolerant = (text: string): unknown => {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw new SyntaxError('not even JSON with comments');
  return value;
};

describe("Netsmart's sample of update-service-request", () => {
  const text = read('netsmart-update-request.json');
  const graph = parseGraph(text);

  it('has eleven entries, the header first (bdl-12)', () => {
    expect(graph.size).toBe(11);
    expect(graph.entries.map(({ key }) => key.replace(server, ''))).toEqual([
      'MessageHeader/3641833',
      'ServiceRequest/123456',
      'PractitionerRole/45678',
      'PractitionerRole/56789',
      'Practitioner/444444444',
      'Practitioner/666666666',
      'Practitioner/888888888',
      'Organization/90123',
      'Patient/987654',
      'QuestionnaireResponse/ABC-456789',
      'Location/90456',
    ]);
    expect(graph.header?.eventCoding?.code).toBe('update-service-request');
  });

  it('resolves every reference by fullUrl, with the base of its holder (bundle.html#references 3)', () => {
    const links = graph.entries.flatMap(({ key }) => graph.linksFrom(key));

    expect(links.map(({ path, reason, target }) => `${path} ${reason} ${target?.replace(server, '') ?? 'nowhere'}`)).toEqual([
      'MessageHeader.focus[0] restful-base ServiceRequest/123456',
      'MessageHeader.focus[1] restful-base QuestionnaireResponse/ABC-456789',
      'ServiceRequest.subject restful-base Patient/987654',
      'ServiceRequest.requester restful-base PractitionerRole/45678',
      'ServiceRequest.performer[0] restful-base PractitionerRole/56789',
      'ServiceRequest.performer[1] restful-base Practitioner/888888888',
      'ServiceRequest.locationReference[0] restful-base Location/90456',
      'PractitionerRole.practitioner restful-base Practitioner/444444444',
      'PractitionerRole.organization restful-base Organization/90123',
      'PractitionerRole.practitioner restful-base Practitioner/666666666',
      'PractitionerRole.organization restful-base Organization/90123',
      'QuestionnaireResponse.basedOn[0] restful-base ServiceRequest/123456',
      'Location.managingOrganization restful-base Organization/90123',
    ]);
    expect(graph.unresolved()).toEqual([]);
  });

  it('focuses on the referral and its questionnaire (MessageHeader.focus)', () => {
    expect(graph.focus.map(({ resourceType }) => resourceType)).toEqual(['ServiceRequest', 'QuestionnaireResponse']);
    expect(graph.focus[0]).toBe(graph.get('ServiceRequest/123456'));
  });

  it('reaches every entry from the header', () => {
    expect(graph.closure().size).toBe(11);
  });

  it.each([
    ['PractitionerRole/45678', '1176'],
    ['Practitioner/666666666', '900049'],
    ['Practitioner/888888888', '8236756'],
  ])('goes by the fullUrl of %s, never by its id %s (bundle.html#references 4)', (name, id) => {
    const type = name.split('/')[0] ?? '';

    expect(graph.get(name)?.id).toBe(id);
    expect(graph.get(`${type}/${id}`)).toBeUndefined();
    for (const mode of ['strict', 'lenient'] as const) {
      expect(graph.resolve(`${type}/${id}`, { from: `${server}ServiceRequest/123456`, mode })).toEqual({ kind: 'external', reason: 'outside-bundle', url: `${server}${type}/${id}` });
      expect(graph.resolve(`${type}/${id}`, { mode })).toEqual({ kind: 'unresolved', reason: 'no-base' });
    }
  });

  it('finds the resources that have no id of their own by their fullUrl', () => {
    expect(graph.get('Patient/987654')).toMatchObject({ resourceType: 'Patient', birthDate: '1997-01-16' });
    expect(graph.get('Patient/987654')).not.toHaveProperty('id');
  });

  it('is handed out as it is written, its members in their order', () => {
    expect(JSON.stringify(graph.bundle)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('gives the role its own id back when it is renamed, and all that refer to it follow', () => {
    const renamed = renameEntry(graph, 'PractitionerRole/45678', `${server}PractitionerRole/1176`);

    expect(renamed.get('PractitionerRole/1176')?.id).toBe('1176');
    expect(renamed.get('ServiceRequest/123456')?.requester).toEqual({ reference: 'PractitionerRole/1176' });
    expect(renamed.unresolved()).toEqual([]);
  });

  it('draws eleven nodes and thirteen arrows, all of them leading somewhere', () => {
    const lines = toMermaid(graph).split('\n');

    expect(lines.filter((line) => /^ {2}e\d+\["/.test(line))).toHaveLength(11);
    expect(lines.filter((line) => line.includes(' -->|'))).toHaveLength(13);
    expect(lines.filter((line) => line.includes('-.->'))).toEqual([]);
    expect(toMermaid(graph)).not.toMatch(/Overland|my\.username|5556667788|1997/);
  });
});

describe("Netsmart's sample as its documentation prints it", () => {
  const published = read('netsmart-update-request.as-published.txt');

  it.each([
    ['request', 30],
    ['response', 34],
  ])('is not JSON: the update %s stops at a comment in line %i (json.invalid)', (name, line) => {
    const text = read(`netsmart-update-${name}.as-published.txt`);

    for (const options of [{}, { parse: tolerant }]) {
      try {
        parseGraph(text, options);
        expect.unreachable();
      } catch (error) {
        expect(isMessagingError(error) && [error.code, error.line, error.column, error.message]).toEqual(['json.invalid', line, 1, `The text is not JSON: expected a value or "]" at line ${line}, column 1.`]);
      }
    }
  });

  it('reads with a tolerant parser once its braces are put right, comments and trailing commas and all', () => {
    const lines = published.split('\n');
    lines.splice(350, 1);
    lines.splice(192, 0, '}');

    const graph = parseGraph(lines.join('\n'), { parse: tolerant });

    expect(graph.bundle).toEqual(JSON.parse(read('netsmart-update-request.json')));
    expect(() => parseGraph(lines.join('\n'))).toThrow('line 30, column 1');
  });
});
