import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from './kafka-client.ts';
import { textHeaders } from './kafka-table.ts';
import { recordCopy } from './record-copy.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const recordOf = (headers: readonly (readonly [string, Uint8Array])[]): KafkaRecord =>
  Object({ topic: 'orders', partition: 3, offset: 17n, key: bytes('k'), value: bytes('v'), headers: new Map(headers.map(([name, value]) => [bytes(name), value])) });

describe('a copy of a record', () => {
  it('has its headers to the byte, text or not', () => {
    const { headers } = recordCopy(recordOf([['x-raw', Uint8Array.of(0xff, 0, 0x80)]]), 'orders.dead', {}, false);

    expect([...headers.values()]).toEqual([Uint8Array.of(0xff, 0, 0x80)]);
  });

  it('says where it was first, whatever its sender wrote; a copy of a copy keeps that', () => {
    const first = recordCopy(recordOf([['fhir-original-topic', bytes('somewhere-else')]]), 'orders.retry.1000', { 'fhir-attempt': '2' }, true);
    expect(textHeaders(first.headers)).toEqual({ 'fhir-original-topic': 'orders', 'fhir-original-partition': '3', 'fhir-original-offset': '17', 'fhir-attempt': '2' });

    const again = recordCopy({ ...recordOf([]), topic: 'orders.retry.1000', headers: first.headers }, 'orders.dead', { 'fhir-attempt': '3' }, false);
    expect(textHeaders(again.headers)).toEqual({ ...textHeaders(first.headers), 'fhir-attempt': '3' });
  });
});
