import { describe, expect, it } from 'vitest';
import { claimed, readClaims, writeProperties } from './property-table.ts';
import type { PropertyTable } from './property-table.ts';

const table: PropertyTable<'correlation'> = { messageId: { headers: ['ce_id', 'ce-id'] }, correlationId: { field: 'correlation', headers: ['correlation-id'] } };

describe('a binding, which is a table', () => {
  it('writes a property into its field and its first header, and nothing that is not there', () => {
    expect(writeProperties({ messageId: 'm', correlationId: 'c', type: 't', source: undefined }, table)).toEqual({ fields: { correlation: 'c' }, headers: { ce_id: 'm', 'correlation-id': 'c' } });
  });

  it('reads every name that a property goes by, each under its own', () => {
    expect(readClaims({ correlation: 'c' }, { 'ce-id': 'm' }, table)).toEqual([
      { property: 'messageId', name: 'ce-id', value: 'm' },
      { property: 'correlationId', name: 'correlation', value: 'c' },
    ]);
  });

  it.each([
    ['bytes', new TextEncoder().encode('é'), 'é'],
    ['a number', 7, '7'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('takes %s for text, as brokers have them', (_, value, text) => {
    expect(claimed(readClaims({}, { ce_id: value }, table), 'messageId')).toBe(text);
  });

  it('takes a time that is none for what no body says: it is no reason to end', () => {
    expect(claimed(readClaims({}, { ce_id: new Date(NaN) }, table), 'messageId')).toBe('no time');
  });

  it.each([[''], [null], [{}], [undefined]])('%j says nothing', (value) => {
    expect(readClaims({}, { ce_id: value }, table)).toEqual([]);
  });

  it('what an object inherits is no header', () => {
    expect(readClaims({}, Object.create({ ce_id: 'm' }), table)).toEqual([]);
  });
});
