import { describe, expect, it } from 'vitest';
import type { BundleEntryLike, BundleLike } from '../fhir/bundle.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import { graphOf } from './graph-of.ts';
import { toMermaid } from './to-mermaid.ts';

type AnyResource = Resource & Record<string, unknown>;

function bundleOf(...entry: BundleEntryLike<AnyResource>[]): BundleLike<AnyResource> {
  return { resourceType: 'Bundle', entry };
}

const s = 'https://s.example/';
const source = bundleOf(
  { fullUrl: `${s}MessageHeader/h`, resource: { resourceType: 'MessageHeader', focus: [{ reference: 'Task/1' }] } },
  { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/1' }, owner: { reference: 'urn:uuid:0f0f0f0f-1111-4111-8111-111111111111' }, focus: { reference: '#c' }, contained: [{ resourceType: 'Basic', id: 'c' }] } },
  { fullUrl: 'urn:uuid:0f0f0f0f-1111-4111-8111-111111111111', resource: { resourceType: 'Practitioner' } },
  { resource: { resourceType: 'Device' } },
  { fullUrl: 'urn:oid:1.2' },
);

const issue = (severity: Issue['severity'], expression: string[] | undefined, rule?: string): Issue => ({ severity, code: 'invalid', rule, expression });

describe('toMermaid', () => {
  it('draws an entry as a node and a reference as an arrow, dotted where it leads nowhere', () => {
    expect(toMermaid(graphOf(source))).toBe(
      [
        'flowchart LR',
        '  e0["MessageHeader<br/>h"]',
        '  e1["Task<br/>1"]',
        '  e2["Practitioner<br/>0f0f0f0f-1111"]',
        '  e3["Device<br/>Bundle.entry#91;3#93;"]',
        '  e4["no resource<br/>1.2"]',
        '  e0 -->|"focus#91;0#93;"| e1',
        '  e1 -.->|"for"| x1_0(["outside-bundle"])',
        '  e1 -->|"owner"| e2',
        '  e1 -->|"focus"| e1',
        '',
      ].join('\n'),
    );
  });

  it('draws what was found leniently dotted', () => {
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Task', for: { reference: 'Patient/p' } } }, { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Patient', id: 'p' } }), { mode: 'lenient' });

    expect(toMermaid(graph)).toContain('  e0 -.->|"for"| e1\n');
  });

  it.each([[undefined], [5], [{}], [null]])('draws a resource whose type is %j', (resourceType) => {
    expect(toMermaid(graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType } as never })))).toContain('e0["no type<br/>1"]');
  });

  it('draws an empty graph', () => {
    expect(toMermaid(graphOf(bundleOf()))).toBe('flowchart LR\n');
  });

  it('draws issues on the entries that they name: errors red, warnings yellow', () => {
    const picture = toMermaid(graphOf(source), {
      issues: [
        issue('error', ['Bundle.entry[1].resource.for'], 'reference.unresolved'),
        issue('warning', ['Bundle.entry[1]'], 'orphan'),
        issue('fatal', ['Bundle.entry[2].fullUrl'], 'bdl-7'),
        issue('warning', ['Bundle.entry[3]']),
        issue('information', ['Bundle.entry[4]'], 'reverse'),
      ],
    });

    expect(picture).toContain('  e1["Task<br/>1<br/>✗ reference.unresolved<br/>! orphan"]\n');
    expect(picture).toContain('  e3["Device<br/>Bundle.entry#91;3#93;<br/>! invalid"]\n');
    expect(picture).toContain('  e4["no resource<br/>1.2<br/>! reverse"]\n');
    expect(picture.split('\n').filter((line) => line.startsWith('  class'))).toEqual([
      '  classDef error fill:#fde8e8,stroke:#c0392b',
      '  classDef warning fill:#fdf6dd,stroke:#b7950b',
      '  class e1 error',
      '  class e2 error',
      '  class e3 warning',
    ]);
  });

  it('draws an issue on each entry that one of its expressions names, once', () => {
    const picture = toMermaid(graphOf(source), { issues: [issue('error', ['Bundle.type', 'Bundle.entry[1].fullUrl', 'Bundle.entry[2].fullUrl', 'Bundle.entry[1].resource', 'Bundle.entry[99]'], 'bdl-7')] });

    expect(picture).toContain('  e1["Task<br/>1<br/>✗ bdl-7"]\n');
    expect(picture).toContain('  e2["Practitioner<br/>0f0f0f0f-1111<br/>✗ bdl-7"]\n');
    expect(picture).toContain('  class e1 error\n  class e2 error\n');
    expect(picture).not.toContain('  bundle[');
  });

  it('draws what names no entry of the graph on a node for the Bundle, dashed', () => {
    const issues = [issue('fatal', ['Bundle.type'], 'bundle.type'), issue('warning', undefined), issue('error', [], 'none'), issue('error', ['Bundle.entry[5]'], 'five'), issue('warning', ['Bundle.entry[4]'], 'four')];
    const picture = toMermaid(graphOf(source), { issues });

    expect(picture).toContain('  bundle["Bundle<br/>✗ bundle.type<br/>! invalid<br/>✗ none<br/>✗ five"]\n');
    expect(picture).toContain('  class bundle error\n');
    expect(picture).toContain('  style bundle stroke-dasharray: 4\n');
    expect(toMermaid(graphOf(bundleOf()), { issues: [issue('fatal', ['Bundle'], 'bundle.resource')] })).toContain('  bundle["Bundle<br/>✗ bundle.resource"]\n');
    expect(toMermaid(graphOf(source), { issues: issues.slice(4) })).not.toContain('  bundle[');
  });

  it('shows types, ids, paths and rules, and nothing else of what a message says', () => {
    const secret = 'SENTINEL-Maria-1980-05-05-0815';
    const told = bundleOf(
      {
        fullUrl: `${s}Patient/1`,
        resource: {
          resourceType: 'Patient',
          id: secret,
          text: { div: `<div>${secret}</div>` },
          name: [{ text: secret, family: secret }],
          identifier: [{ value: secret }],
          birthDate: secret,
          managingOrganization: { reference: `Organization?name=${secret}`, display: secret, identifier: { value: secret } },
          generalPractitioner: [{ reference: `https://x/Practitioner/${secret}` }, { display: secret, identifier: { value: secret } }],
        },
      },
      { fullUrl: `https://s.example/find?name=${secret}`, resource: { resourceType: 'Basic' } },
    );

    const picture = toMermaid(graphOf(told), { issues: [{ severity: 'error', code: 'invalid', rule: 'r', expression: ['Bundle.entry[0]'], diagnostics: secret, details: { text: secret } }] });

    expect(picture).not.toContain('SENTINEL');
    expect(picture).toContain('e0["Patient<br/>1<br/>✗ r"]');
  });

  it('cannot be made to draw something else by what stands in a message', () => {
    const evil = 'x"]\n  e0 --> e1\r\u2028click e0 "javascript:alert(1)" %%{init: {}}%% `code` <script> # | (';
    const graph = graphOf(bundleOf({ fullUrl: `urn:uuid:${evil}`, resource: { resourceType: evil, [evil]: { reference: evil } } }));

    const picture = toMermaid(graph, { issues: [issue('error', ['Bundle.entry[0]'], evil), issue('error', [evil], evil)] });

    expect(picture.split(/[\n\r\u2028\u2029]/)).toHaveLength(10);
    expect(picture).not.toMatch(/<script|%%\{|`|click e0 "/);
    expect(picture).toMatch(/^ {2}bundle\["[^"]*"\]$/m);
    for (const line of picture.split('\n').filter((line) => line.startsWith('  e0'))) {
      expect(line).toMatch(/^ {2}e0(\["[^"]*"\]| -\.->\|"[^"]*"\| x0_0\(\["not-a-reference"\]\))$/);
    }
  });
});
