import { describe, expect, it } from 'vitest';
import { isMessagingError, MessagingError, toIssues } from './errors.ts';

describe('MessagingError', () => {
  it('carries its facts as fields, and its cause', () => {
    const cause = new Error('x');
    const facts = { issues: [{ severity: 'error', code: 'invalid' } as const], delivery: 'unknown', attempts: 2, status: 502, line: 3, column: 4 } as const;

    expect(new MessagingError('transport.status', 'a sentence', { ...facts, cause })).toMatchObject({ name: 'MessagingError', code: 'transport.status', message: 'a sentence', cause, ...facts });
  });

  it('has no cause where there is none', () => {
    expect('cause' in new MessagingError('closed', 'a sentence')).toBe(false);
    expect(new MessagingError('closed', 'a sentence').issues).toEqual([]);
  });
});

describe('isMessagingError', () => {
  it('knows one of another copy of the package by its name and code', () => {
    const foreign = Object.assign(new Error('x'), { name: 'MessagingError', code: 'closed' });

    expect([new MessagingError('closed', 'x'), foreign].every(isMessagingError)).toBe(true);
    expect([new Error('x'), Object.assign(new Error('x'), { name: 'MessagingError' }), { name: 'MessagingError', code: 'closed' }, null, 'closed'].some(isMessagingError)).toBe(false);
  });
});

describe('toIssues', () => {
  it('gives the issues of a reply as they are, and takes nothing else that has issues for one', () => {
    const issues = [{ severity: 'error', code: 'processing', rule: 'own.rule' }] as const;

    expect(toIssues({ kind: 'refused', issues, http: undefined, attempts: 1, mayHaveArrived: false })).toBe(issues);
    // An error of ours that travelled as JSON: its empty list would show nothing.
    expect(toIssues(JSON.parse(JSON.stringify(new MessagingError('transport.failed', 'x', { attempts: 3 }))))).toMatchObject([{ severity: 'error', code: 'exception' }]);
    expect(toIssues(Object.assign(new Error('as a schema library throws'), { issues: [{ path: [] }] }))).toMatchObject([{ severity: 'error', code: 'exception' }]);
  });

  it('gives the issues of an error that has some', () => {
    const issues = [{ severity: 'error', code: 'required', rule: 'bdl-12' } as const];

    expect(toIssues(new MessagingError('message.invalid', 'x', { issues }))).toEqual(issues);
  });

  it.each([
    ['json.invalid', 'fatal', 'structure'],
    ['input.limit', 'fatal', 'too-long'],
    ['reply.invalid', 'error', 'invalid'],
    ['reply.mismatch', 'error', 'processing'],
    ['transport.timeout', 'error', 'timeout'],
    ['transport.failed', 'error', 'transient'],
    ['transport.status', 'error', 'transient'],
    ['session.expired', 'error', 'login'],
    ['closed', 'error', 'processing'],
  ] as const)('makes one of %s', (code, severity, issueCode) => {
    expect(toIssues(new MessagingError(code, 'A sentence.'))).toEqual([{ severity, code: issueCode, rule: code, diagnostics: 'A sentence.' }]);
  });

  const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'not-found', diagnostics: 'Nobody.' }] };

  it.each([
    ['an OperationOutcome', outcome],
    ["an error that carries one, as Medplum's do", Object.assign(new Error('Nobody.'), { outcome })],
  ])('reads %s', (_says, value) => {
    expect(toIssues(value)).toEqual([{ severity: 'warning', code: 'not-found', diagnostics: 'Nobody.' }]);
  });

  it.each<[string, object, object]>([
    ['the text before the diagnostics, as Netsmart writes it', { details: { text: 'Unknown extension URL' }, diagnostics: 'stack' }, { diagnostics: 'Unknown extension URL', details: { text: 'Unknown extension URL' } }],
    ['what a coding displays, where there is no text', { details: { coding: [{ system: 'urn:x', code: '1', display: 'Unknown' }] } }, { diagnostics: 'Unknown', details: { coding: [{ system: 'urn:x', code: '1', display: 'Unknown' }], text: undefined } }],
    ['expression', { expression: ['Bundle.entry[1]'], location: ['/Bundle'] }, { expression: ['Bundle.entry[1]'] }],
    ['location, where there is no expression', { expression: [], location: ['/Bundle', 5] }, { expression: ['/Bundle'] }],
    ['nothing of empty details', { details: { coding: [{}, 'x'], text: '' }, diagnostics: '' }, {}],
    ['nothing of what is of another type', { details: 'x', diagnostics: 5, expression: 'Bundle' }, {}],
  ])('reads of an issue %s (OperationOutcome.issue)', (_says, issue, read) => {
    expect(toIssues({ ...outcome, issue: [{ severity: 'error', code: 'invalid', ...issue }] })).toEqual([{ severity: 'error', code: 'invalid', ...read }]);
  });

  it.each([
    ['success', 'success', 'information', 'informational'],
    ['warning', 'limited-filter', 'warning', 'processing'],
    ['odd', 'invalid', 'error', 'invalid'],
    [undefined, undefined, 'error', 'processing'],
    ['error', 'unknown', 'error', 'unknown'],
  ])("reads severity %s and code %s, R5's among them, as what every release has", (severity, code, readSeverity, readCode) => {
    expect(toIssues({ ...outcome, issue: [{ severity, code }] })).toEqual([{ severity: readSeverity, code: readCode }]);
  });

  it('passes over what is no issue', () => {
    expect(toIssues({ ...outcome, issue: [null, 'x', []] })).toEqual([]);
    expect(toIssues({ ...outcome, issue: undefined })).toEqual([]);
  });

  it.each([
    [new TypeError('secret'), 'TypeError'],
    ['secret', 'string'],
    [undefined, 'undefined'],
    [{ message: 'secret' }, 'object'],
    [{ outcome: 'secret' }, 'object'],
  ])('tells of anything else its kind alone', (value, kind) => {
    expect(toIssues(value)).toEqual([{ severity: 'error', code: 'exception', diagnostics: `An unexpected ${kind} was thrown.` }]);
  });

  it('tells of what was ended here by one error, whose rule says so (aborted)', () => {
    expect(toIssues(AbortSignal.abort().reason)).toEqual([{ severity: 'error', code: 'incomplete', rule: 'aborted', diagnostics: 'This was ended here, before an answer came.' }]);
  });

  it('ends where a value is its own outcome', () => {
    const round: { outcome?: object } = {};
    round.outcome = round;

    expect(toIssues(round)).toMatchObject([{ code: 'exception' }]);
  });
});
