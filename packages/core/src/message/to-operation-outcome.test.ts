import { describe, expect, it } from 'vitest';
import { toIssues } from '../errors.ts';
import { toOperationOutcome } from './to-operation-outcome.ts';

const written = (issue: object): unknown => JSON.parse(JSON.stringify(toOperationOutcome([Object(issue)]).issue[0]));

describe('toOperationOutcome', () => {
  it('puts the sentence into details.text and the rule into diagnostics', () => {
    expect(toOperationOutcome([{ severity: 'error', code: 'required', rule: 'bdl-12', expression: ['Bundle.entry'], diagnostics: 'There is no entry.' }])).toEqual({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'required', details: { text: 'There is no entry.' }, diagnostics: 'rule bdl-12', expression: ['Bundle.entry'] }],
    });
  });

  it('says that all is well where there is no issue, since FHIR wants one (OperationOutcome.issue)', () => {
    expect(toOperationOutcome([])).toEqual({ resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational', details: { text: 'All is well.' } }] });
  });

  it("keeps what another system's details say", () => {
    const details = { coding: [{ system: 'urn:x', code: 'A1', display: 'Odd' }], text: 'Their words' };

    expect(written({ severity: 'error', code: 'invalid', diagnostics: 'Their words', details })).toEqual({ severity: 'error', code: 'invalid', details });
    expect(written({ severity: 'error', code: 'invalid', details: { coding: details.coding } })).toEqual({ severity: 'error', code: 'invalid', details: { coding: details.coding } });
  });

  it('keeps a sentence beside the text of details, before the rule', () => {
    const details = { text: 'Their words' };

    expect(written({ severity: 'error', code: 'invalid', diagnostics: 'Our words.', details })).toEqual({ severity: 'error', code: 'invalid', details, diagnostics: 'Our words.' });
    expect(written({ severity: 'error', code: 'invalid', rule: 'mine.x', diagnostics: 'Our words.', details })).toEqual({ severity: 'error', code: 'invalid', details, diagnostics: 'Our words.\nrule mine.x' });
  });

  it('leaves out what would be empty, which FHIR forbids (json.html)', () => {
    expect(written({ severity: 'error', code: 'invalid', diagnostics: '', expression: [], details: { text: undefined } })).toEqual({ severity: 'error', code: 'invalid' });
    expect(written({ severity: 'error', code: 'invalid', details: { coding: [] } })).toEqual({ severity: 'error', code: 'invalid' });
    expect(written({ severity: 'error', code: 'invalid', diagnostics: 'No.', details: { coding: [] } })).toEqual({ severity: 'error', code: 'invalid', details: { text: 'No.' } });
  });

  it('writes what toIssues reads', () => {
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'not-found', details: { text: 'Nobody is there.' }, expression: ['Bundle.entry[1]'] }] };

    expect(JSON.parse(JSON.stringify(toOperationOutcome(toIssues(outcome))))).toEqual(outcome);
  });
});
