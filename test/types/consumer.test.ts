import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as core from '@fhir-messaging/core';
import * as netsmart from '@fhir-messaging/netsmart';
import { afterAll, describe, expect, it } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fhir-messaging-types-'));
symlinkSync(at('../node_modules'), join(folder, 'node_modules'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the compiler says of one file, under the settings of the workspace. */
async function compile(file: string, ...flags: string[]): Promise<string> {
  const project = join(folder, `${file.replace(/\W/g, '-')}.json`);
  writeFileSync(project, JSON.stringify({ extends: at('../../tsconfig.json'), compilerOptions: { types: [] }, include: [], files: [file] }));
  const run = promisify(execFile)(process.execPath, [at('../../node_modules/typescript/lib/tsc.js'), '--noEmit', '--pretty', 'false', '--project', project, ...flags]);
  return run.then(
    ({ stdout }) => stdout,
    (failed: unknown) => (typeof failed === 'object' && failed !== null && 'stdout' in failed ? String(failed.stdout) : ''),
  );
}

describe('an application that uses everything', () => {
  const file = at('./consumer.ts');

  it('names every public value', () => {
    const used = new Set(readFileSync(file, 'utf8').match(/\w+/g));

    expect([...Object.keys(core), ...Object.keys(netsmart)].filter((name) => !used.has(name))).toEqual([]);
  });

  it('compiles, with no more instantiations of types than measured and a quarter', { timeout: 60_000 }, async () => {
    const told = await compile(file, '--extendedDiagnostics');

    expect(told).not.toContain('error TS');
    const [, instantiations] = /Instantiations:\s+(\d+)/.exec(told) ?? [];
    expect(Number(instantiations)).toBeGreaterThan(1000);
    // A quarter above 56,930: TypeScript 6.0.3, @types/fhir 0.0.44, before the observers were named.
    expect(Number(instantiations)).toBeLessThan(71_200);
  });
});

describe('what the compiler says of a mistake', () => {
  const head = `
import type * as fhir4 from 'fhir/r4';
import { createMessage, defineEvent } from '@fhir-messaging/core';
declare const order: fhir4.ServiceRequest, patient: fhir4.Patient, coverage: fhir4.Coverage, observation: fhir4.Observation;
const options = { source: 'https://a.example' };
const event = defineEvent({ uri: 'x', category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '0..1', Coverage: '0..*', Observation: '2..5' } });
const observations = [observation, observation] as const;
`;
  const mistakes: readonly [says: string, line: string, named: readonly string[]][] = [
    ['a missing resource', 'createMessage(event, { Observation: observations }, options);', ['ServiceRequest']],
    ['a resource of another type', 'createMessage(event, { ServiceRequest: patient, Observation: observations }, options);', ['Patient', 'ServiceRequest']],
    ['a resource of another type in a list', 'createMessage(event, { ServiceRequest: order, Coverage: [patient], Observation: observations }, options);', ['Patient', 'Coverage']],
    ['too short a list', 'createMessage(event, { ServiceRequest: order, Observation: [observation] }, options);', ['Observation']],
    ['a list where one is taken', 'createMessage(event, { ServiceRequest: order, Patient: [patient], Observation: observations }, options);', ['Patient']],
    ['a type that the contract has not', 'createMessage(event, { ServiceRequest: order, Observation: observations, Device: {} }, options);', ['Device']],
    ['a type that FHIR has not', "defineEvent({ uri: 'x', category: 'notification', focus: [], payload: { Pateint: '1..1' } });", ['Pateint', 'is no resource type that a payload may hold']],
    ['a MessageHeader in the payload', "defineEvent({ uri: 'x', category: 'notification', focus: [], payload: { MessageHeader: '1..1' } });", ['MessageHeader', 'is no resource type that a payload may hold']],
    ['a cardinality that is none', "defineEvent({ uri: 'x', category: 'notification', focus: [], payload: { Patient: 'one' } });", ['one', 'is no cardinality: write min..max, such as 1..1 or 0..*']],
    ['a rule that does not say what it takes', "defineEvent({ uri: 'x', category: 'notification', focus: [], payload: { Patient: '1..1' }, rules: [(graph) => graph.unresolved().map(() => ({ severity: 'error', code: 'invalid' }))] });", ['(graph: BundleGraph) =>']],
    ['a focus outside the payload', "defineEvent({ uri: 'x', category: 'notification', focus: ['Encounter'], payload: { Patient: '1..1' } });", ['Encounter', 'Patient']],
  ];

  const file = join(folder, 'mistakes.ts');
  writeFileSync(file, head + mistakes.map(([, line]) => `${line}\n`).join(''));
  const told = compile(file);

  it.each(mistakes.map(([says, , named], index) => [says, index, named] as const))('names the type where there is %s', { timeout: 60_000 }, async (_says, index, named) => {
    const line = head.split('\n').length + index;
    const errors = (await told).split(/\n(?=\S)/).filter((error) => error.includes(`(${line},`));

    expect(errors).toHaveLength(1);
    expect(named.filter((name) => !errors[0]?.includes(name))).toEqual([]);
  });
});
