import { describe, expect, it } from 'vitest';
import { acceptsJson, bodyKind } from './media-type.ts';

describe('bodyKind', () => {
  it.each([
    ['application/fhir+json', 'json'],
    ['application/json', 'json'],
    ['Application/FHIR+JSON; charset=UTF-8', 'json'],
    ['application/fhir+json;charset="utf-8";fhirVersion=4.0', 'json'],
    ['application/fhir+json;version=1.0.0', 'json'],
    ['application/fhir+xml', 'xml'],
    ['application/xml; charset=utf-8', 'xml'],
    ['text/xml', 'xml'],
    ['application/json; charset=iso-8859-1', 'other'],
    ['text/plain', 'other'],
    ['application/jsonx', 'other'],
    ['application/x-ndjson', 'other'],
    ['', 'other'],
    [null, 'other'],
  ])('%j is %s', (contentType, kind) => {
    expect(bodyKind(contentType)).toBe(kind);
  });
});

describe('acceptsJson', () => {
  it.each([null, '', '*/*', 'application/*', 'application/fhir+json', 'application/json', 'text/html, application/fhir+json;q=0.5', 'APPLICATION/JSON; Q=1'])(
    '%j lets JSON be the answer',
    (accept) => {
      expect(acceptsJson(accept)).toBe(true);
    },
  );

  it.each(['application/fhir+xml', 'text/html', 'text/*', 'application/fhir+json;q=0', 'application/jsonx'])('%j does not', (accept) => {
    expect(acceptsJson(accept)).toBe(false);
  });
});
