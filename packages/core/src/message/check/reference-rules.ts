import { itemsOf } from '../../fhir/json.ts';
import type { UnresolvedReference } from '../../graph/bundle-graph.ts';
import type { ResolutionReason } from '../../reference/resolve-reference.ts';
import { parseReference, parseRestfulUrl } from '../../reference/parse-reference.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const because: Readonly<Partial<Record<ResolutionReason, string>>> = {
  'not-in-bundle': 'no entry has that fullUrl',
  'outside-bundle': 'no entry has that fullUrl',
  'no-base': 'its own fullUrl is on no server',
  'version-mismatch': 'it is there in another version',
  'not-contained': 'no contained resource has that id',
  conditional: 'it is a search',
  'not-a-reference': 'it is no reference',
  'identifier-only': 'it is an identifier',
  'several-matches': 'several contained resources have that id',
};

/** Where each reference leads (bundle.html#references); what is in focus always has to be in the message. */
export function checkReferences(context: CheckContext): void {
  const { graph, header, mode, positions, report } = context;
  const ofHeader = new Map(graph.linksFrom(graph.entries[0]?.key ?? '').map((link) => [link.path, link]));
  itemsOf(header?.['focus']).forEach((_, index) => {
    const { kind, reason = 'not-a-reference' } = ofHeader.get(`MessageHeader.focus[${index}]`) ?? {};
    if (kind !== 'entry' && kind !== 'ambiguous') report('focus.unresolved', `${headerPath}.focus[${index}]`, because[reason] ?? 'it is contained');
  });
  for (const reference of graph.unresolved()) {
    const position = positions.get(reference.from) ?? 0;
    const at = pathInBundle(position, reference.path);
    const { kind, reason } = reference;
    if (kind === 'ambiguous') {
      report('reference.ambiguous', at);
    } else if (position === 0 && (isFocus(reference.path) || reference.path === 'MessageHeader.response.details')) {
      // Rules focus.unresolved and response.details say it better.
    } else if (kind === 'unresolved') {
      report('reference.unresolved', at, because[reason]);
    } else if (reason === 'outside-bundle') {
      const near = nearMiss(reference, context);
      report(near === undefined ? 'reference.external' : 'reference.near-miss', at, near);
    }
  }
  if (mode === 'lenient') {
    positions.forEach((position, key) => {
      for (const { lenient, path } of graph.linksFrom(key)) {
        if (lenient) report('reference.lenient', pathInBundle(position, path));
      }
    });
  }
}

/** An entry of the same type and id under another `fullUrl`; HL7's validator gives this hint too. */
function nearMiss({ reference = '' }: UnresolvedReference, { graph, positions }: CheckContext): string | undefined {
  const parsed = parseReference(reference);
  const target = parsed.form === 'absolute' ? parseRestfulUrl(parsed.url) : parsed.form === 'relative' ? parsed : undefined;
  const found = target && graph.resolve(`${target.type}/${target.id}`, { mode: 'lenient' });
  const key = found?.kind === 'entry' ? found.key : found?.kind === 'ambiguous' ? found.keys[0] : undefined;
  const position = key === undefined ? undefined : positions.get(key);
  return position === undefined ? undefined : `entry ${position}`;
}

/** Entries that nothing leads to from the header, or only backwards (R5 messaging.html#assumptions). */
export function checkReach({ graph, positions, records, header, report }: CheckContext): void {
  const forward = graph.closure();
  if (header === undefined || forward.size === records.length) {
    return;
  }
  const both = graph.closure({ reverse: true });
  positions.forEach((position, key) => {
    const { type } = records[position] ?? {};
    if (!both.has(key)) {
      report('entry.orphan', pathInBundle(position), type);
    } else if (!forward.has(key) && type !== 'Provenance') {
      report('entry.reverse-only', pathInBundle(position), type);
    }
  });
}
