import fc from 'fast-check';

/** A Bundle as a law sees it: plain JSON, with members for every part that a law looks at. */
export interface AnyBundle {
  resourceType: 'Bundle';
  type: string;
  entry: AnyEntry[];
}

export interface AnyEntry {
  fullUrl?: string;
  resource?: AnyResource;
}

export interface AnyResource {
  resourceType: string;
  id?: string;
  meta?: { versionId?: string };
  [name: string]: unknown;
}

export const bases = ['https://a.example/fhir/', 'http://b.example/'] as const;
const types = ['MessageHeader', 'Patient', 'Task', 'ServiceRequest', 'Basic'] as const;
const ids = ['1', '2', '3'] as const;
const urns = ['urn:uuid:u1', 'urn:uuid:u2', 'urn:oid:1.2.3'] as const;
const versions = ['1', '2'] as const;

const typeAndId = fc.tuple(fc.constantFrom(...types), fc.constantFrom(...ids)).map((parts) => parts.join('/'));
const versioned = <T extends string>(literal: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.tuple(literal, fc.option(fc.constantFrom(...versions), { nil: undefined, freq: 2 })).map(([text, version]) => (version === undefined ? text : `${text}/_history/${version}`));

/** Literals that often lead somewhere, and some that never do. */
export const literals: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: versioned(typeAndId) },
  { weight: 3, arbitrary: versioned(fc.tuple(fc.constantFrom(...bases), typeAndId).map((parts) => parts.join(''))) },
  { weight: 2, arbitrary: versioned(fc.constantFrom(...urns)) },
  { weight: 1, arbitrary: fc.constantFrom('#c', '#', '#none', 'Patient?name=x', 'text', '', 'urn:uuid:none', 'https://c.example/Patient/1', 'Patient/1/_history/') },
);

const reference = fc.oneof(
  { weight: 6, arbitrary: literals.map((literal) => ({ reference: literal })) },
  { weight: 1, arbitrary: fc.constant({ identifier: { value: 'x' } }) },
  { weight: 1, arbitrary: fc.tuple(literals, literals).map(([outer, inner]) => ({ reference: outer, identifier: { assigner: { reference: inner } } })) },
);

const fullUrl = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...bases), fc.constantFrom(...ids)).map(([base, id]) => (type: string) => `${base}${type}/${id}`) },
  { weight: 3, arbitrary: fc.constantFrom(...urns).map((urn) => () => urn) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, 'Patient/1', 'Task/1', 'https://a.example/odd', 'https://a.example/fhir/Patient/1').map((odd) => () => odd) },
);

const entry: fc.Arbitrary<AnyEntry> = fc
  .record({
    type: fc.constantFrom(...types),
    fullUrl,
    id: fc.option(fc.constantFrom(...ids), { nil: undefined }),
    version: fc.option(fc.constantFrom(...versions), { nil: undefined }),
    focus: fc.array(reference, { maxLength: 3 }),
    inner: fc.option(reference, { nil: undefined, freq: 3 }),
    isEmpty: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
  })
  .map(({ type, fullUrl: urlFor, id, version, focus, inner, isEmpty }) => {
    const url = urlFor(type);
    const resource: AnyResource = {
      resourceType: type,
      ...(id !== undefined && { id }),
      ...(version !== undefined && { meta: { versionId: version } }),
      ...(focus.length > 0 && { focus }),
      ...(inner !== undefined && { contained: [{ resourceType: 'Basic', id: 'c', subject: inner }] }),
      note: [{ text: 'a' }],
    };
    return { ...(url !== undefined && { fullUrl: url }), ...(!isEmpty && { resource }) };
  });

/** Bundles of a few entries whose names and references are drawn from so few that they meet, collide and contradict. */
export const bundles: fc.Arbitrary<AnyBundle> = fc.array(entry, { maxLength: 7 }).map((entries) => ({ resourceType: 'Bundle', type: 'message', entry: entries }));

/** The same, but every fullUrl at most once. */
export const properBundles: fc.Arbitrary<AnyBundle> = bundles.map((bundle) => ({
  ...bundle,
  entry: bundle.entry.filter(({ fullUrl: url }, at) => bundle.entry.findIndex((other) => other.fullUrl === url) === at),
}));

/** Any JSON, for what a law does not care about. */
export const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 3 });
