import { describe, expect, it } from 'vitest';
import { isAbsoluteUri, namesVersion, parseReference, parseRestfulUrl, withVersion } from './parse-reference.ts';

describe('parseReference', () => {
  it.each([
    ['#p1', { form: 'fragment', id: 'p1' }],
    ['#', { form: 'fragment', id: '' }],
    ['Patient/1', { form: 'relative', name: 'Patient/1', version: undefined }],
    ['Patient/1/_history/2', { form: 'relative', name: 'Patient/1', version: '2' }],
    ['Patient/A-1.b', { form: 'relative', name: 'Patient/A-1.b', version: undefined }],
    ['https://x/Patient/1', { form: 'absolute', url: 'https://x/Patient/1', version: undefined }],
    ['https://x/Patient/1/_history/2', { form: 'absolute', url: 'https://x/Patient/1', version: '2' }],
    ['HTTPS://x/Patient/1', { form: 'absolute', url: 'HTTPS://x/Patient/1', version: undefined }],
    ['urn:uuid:1', { form: 'absolute', url: 'urn:uuid:1', version: undefined }],
    ['urn:oid:1.2', { form: 'absolute', url: 'urn:oid:1.2', version: undefined }],
    ['mailto:x', { form: 'absolute', url: 'mailto:x', version: undefined }],
    ['Patient?identifier=1', { form: 'conditional' }],
    ['Patient?subject=Patient/1/_history/2', { form: 'conditional' }],
    ['', { form: 'not-a-reference' }],
    ['Patient', { form: 'not-a-reference' }],
    ['Patient/', { form: 'not-a-reference' }],
    ['/Patient/1', { form: 'not-a-reference' }],
    ['patient/1', { form: 'not-a-reference' }],
    ['Patient/1#x', { form: 'not-a-reference' }],
    ['Patient/1\n', { form: 'not-a-reference' }],
    [`Patient/${'i'.repeat(65)}`, { form: 'not-a-reference' }],
  ])('takes %j apart (references.html#literal)', (literal, parsed) => {
    expect(parseReference(literal)).toEqual(parsed);
  });
});

describe('parseRestfulUrl', () => {
  it('takes the scheme in any letters (RFC 3986, 3.1)', () => {
    expect(parseRestfulUrl('HTTPS://x/Patient/1')).toEqual({ base: 'HTTPS://x/', name: 'Patient/1' });
  });

  const none: readonly (readonly [string | undefined])[] = [
    [undefined],
    [''],
    ['Patient/1'],
    ['/Patient/1'],
    ['http://Patient/1'],
    ['http:///Patient/1'],
    ['ftp://x/Patient/1'],
    ['urn:uuid:1'],
    ['https://x/patient/1'],
    ['https://x/Patient/1/'],
    ['https://x/Patient/1/_history/2'],
    ['https://x/Patient/1?_format=json'],
    ['https://x/Patient/1#a'],
    ['https://x?y/Patient/1'],
    ['https://x#y/Patient/1'],
    ['https://x y/Patient/1'],
    [`https://x/Patient/${'i'.repeat(65)}`],
  ];

  it.each([...none])('finds none in %j (references.html#regex)', (url) => {
    expect(parseRestfulUrl(url)).toBeUndefined();
  });

  it.each([
    ['https://x/Patient/1', { base: 'https://x/', name: 'Patient/1' }],
    ['http://x:8080/fhir/r4/Patient/a.b-C', { base: 'http://x:8080/fhir/r4/', name: 'Patient/a.b-C' }],
    ['https://x/Patient/Patient/1', { base: 'https://x/Patient/', name: 'Patient/1' }],
    ['https://x/fhir_r4/~a/Patient/1', { base: 'https://x/fhir_r4/~a/', name: 'Patient/1' }],
  ])('finds the base and the name in %s (references.html#regex)', (url, parts) => {
    expect(parseRestfulUrl(url)).toEqual(parts);
  });

  it.each([...none])('finds none in %j after it found others', (url) => {
    expect(parseRestfulUrl(url)).toBeUndefined();
  });

  it('reads a URL of millions of parts', () => {
    const base = `https://${'a/'.repeat(3_000_000)}`;

    expect(parseRestfulUrl(`${base}Patient/1`)?.name).toBe('Patient/1');
    expect(parseRestfulUrl(`${base}Aa/Aa/!`)).toBeUndefined();
  });
});

describe('isAbsoluteUri', () => {
  it.each(['https://x', 'urn:uuid:1', 'a:', 'x-y+z.1:q'])('is true of %s', (text) => {
    expect(isAbsoluteUri(text)).toBe(true);
  });

  it.each(['', 'Patient/1', '//x/y', '1a:b', ':x', ' https://x'])('is false of %j', (text) => {
    expect(isAbsoluteUri(text)).toBe(false);
  });
});

describe('withVersion', () => {
  it('puts back what parseReference takes off', () => {
    expect(withVersion('Patient/1', '2')).toBe('Patient/1/_history/2');
    expect(withVersion('Patient/1', undefined)).toBe('Patient/1');
  });
});

describe('namesVersion', () => {
  it('tells a URI that no fullUrl may be (bdl-8)', () => {
    expect(namesVersion('https://x/Patient/1/_history/2')).toBe(true);
    expect(namesVersion('https://x/Patient/1')).toBe(false);
  });
});
