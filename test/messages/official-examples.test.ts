import { readFileSync } from 'node:fs';
import { checkMessage, readMessage, readReply } from '@fhir-messaging/core';
import type { Issue, ResolutionMode } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';

const request = '10bb101f-a121-4264-a920-67be9cb82c74';
const response = '3a0707d3-549e-4467-b8b8-5a2ab3800efe';
const read = (release: 'r4' | 'r5', id: string): object => JSON.parse(readFileSync(new URL(`../node_modules/hl7.fhir.${release}.examples/Bundle-${id}.json`, import.meta.url), 'utf8'));
const told = (issues: readonly Issue[]): string[] => issues.map(({ severity, rule, expression }) => `${severity} ${rule ?? ''} ${expression?.join() ?? ''}`);

const outside = (...paths: string[]): string[] => paths.map((path) => `information reference.external Bundle.entry${path}`);
const loose = outside('[2].resource.contact[0].organization', '[2].resource.managingOrganization', '[2].resource.link[0].other', '[3].resource.managingOrganization');

const expected: readonly ['r4' | 'r5', 'request' | 'response', ResolutionMode, string[]][] = [
  ['r4', 'request', 'strict', ['error fullUrl.id Bundle.entry[2].fullUrl', 'information header.destination Bundle.entry[0].resource.destination', ...outside('[0].resource.responsible', '[1].resource.contact[0].organization', '[1].resource.managingOrganization', '[2].resource.managingOrganization')]],
  ['r4', 'request', 'lenient', ['warning fullUrl.id Bundle.entry[2].fullUrl', ...outside('[0].resource.responsible', '[1].resource.contact[0].organization', '[1].resource.managingOrganization', '[2].resource.managingOrganization')]],
  ['r5', 'request', 'strict', ['error fullUrl.id Bundle.entry[2].fullUrl', 'information header.destination Bundle.entry[0].resource.destination', ...outside('[1].resource.contact[0].organization', '[1].resource.managingOrganization', '[2].resource.managingOrganization')]],
  ['r5', 'request', 'lenient', ['warning fullUrl.id Bundle.entry[2].fullUrl', ...outside('[1].resource.contact[0].organization', '[1].resource.managingOrganization', '[2].resource.managingOrganization')]],
  ...(['r4', 'r5'] as const).flatMap((release): [typeof release, 'response', ResolutionMode, string[]][] => [
    [release, 'response', 'strict', ['error fullUrl.id Bundle.entry[3].fullUrl', 'information header.destination Bundle.entry[0].resource.destination', 'error response.details Bundle.entry[0].resource.response.details', ...loose, 'warning entry.orphan Bundle.entry[1].resource']],
    [release, 'response', 'lenient', ['warning fullUrl.id Bundle.entry[3].fullUrl', 'warning reference.lenient Bundle.entry[0].resource.response.details', ...loose]],
  ]),
];

describe("HL7's official message pair", () => {
  it.each(expected)('has in its %s %s exactly these issues, %s', (release, which, mode, issues) => {
    expect(told(checkMessage(read(release, which === 'request' ? request : response), { mode })).toSorted()).toEqual(issues.toSorted());
  });

  it.each([
    ['r4', 'R4'],
    ['r5', 'R5'],
  ] as const)('shows its release in its header (%s)', (folder, release) => {
    expect([request, response].map((id) => readMessage(read(folder, id)).release)).toEqual([release, release]);
  });

  it('does not correlate in R4: the response quotes an id that its request has not (reply.mismatch)', () => {
    const asked = readMessage(read('r4', request));

    expect(asked.identity.ids.map(({ value }) => value)).not.toContain('efdd254b-0e09-4164-883e-35cf3871715f');
    expect(() => readReply(read('r4', response), { request: asked })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
    expect(readReply(read('r4', response))).toMatchObject({ code: 'ok', matched: undefined });
  });

  it('correlates in R5 by Bundle.identifier (R5 MessageHeader.response.identifier)', () => {
    expect(readReply(read('r5', response), { request: readMessage(read('r5', request)) })).toMatchObject({ code: 'ok', matched: 'Bundle.identifier', matchedByRule: true });
  });

  it.each(['r4', 'r5'] as const)('has its details read leniently, by type and id (%s MessageHeader.response.details)', (release) => {
    expect(readReply(read(release, response))).toMatchObject({ disagrees: false, issues: [{ severity: 'information', diagnostics: 'MPI approval rating: 80%' }] });
  });
});
