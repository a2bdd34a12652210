import type { Issue } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { deadLetterOutcome } from './dead-letter-outcome.ts';

describe('the reason of a dead letter', () => {
  it('says the rule and the sentence of our own issues', () => {
    expect(JSON.parse(deadLetterOutcome([{ severity: 'error', code: 'conflict', rule: 'broker.header', diagnostics: 'The ce_id does not say it.' }], []))).toEqual({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'conflict', details: { text: 'The ce_id does not say it.' }, diagnostics: 'rule broker.header' }],
    });
  });

  it.each([undefined, 'ward.beds'])("of the receiver's issues (rule: %s) only rules, codes and paths, since its sentences may speak of a patient", (rule) => {
    const text = deadLetterOutcome([], [{ severity: 'error', code: 'business-rule', rule, expression: ['Bundle.entry[1]'], diagnostics: 'Jane Doe', details: { text: 'Jane Doe' } }]);
    expect(text).not.toContain('Jane');
    expect(text).toContain('Bundle.entry[1]');
  });

  it('fits into a header, whatever there is to say', () => {
    const issues = Array.from({ length: 500 }, (): Issue => ({ severity: 'error', code: 'invalid', rule: 'payload.max', expression: ['x'.repeat(90)] }));
    const text = deadLetterOutcome([], issues);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(JSON.parse(text).issue.length).toBeGreaterThan(10);
    const wide = Array.from({ length: 500 }, (): Issue => ({ severity: 'error', code: 'invalid', expression: ['患'.repeat(90)] }));
    expect(Buffer.byteLength(deadLetterOutcome([], wide))).toBeLessThanOrEqual(4000);
    expect(JSON.parse(deadLetterOutcome([], [{ severity: 'error', code: 'invalid', rule: 'x'.repeat(5000) }]))).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});
