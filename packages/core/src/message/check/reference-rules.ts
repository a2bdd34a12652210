import type { UnresolvedReference } from '../../graph/bundle-graph.ts';
import type { ResolutionReason } from '../../reference/resolve-reference.ts';
import { parseReference, parseRestfulUrl } from '../../reference/parse-reference.ts';
import { pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const because: Readonly<Partial<Record<ResolutionReason, string>>> = {
  'not-in-bundle': 'no entry has that fullUrl',
  'outside-bundle': 'no entry has that fullUrl',
  'no-base': "its own entry's fullUrl is on no server that it could be relative to",
  'version-mismatch': 'the entry is there in another version',
  'not-contained': 'its resource contains nothing of that id',
  conditional: 'a search has a meaning in transactions only',
  'not-a-reference': 'it is no reference',
  'identifier-only': 'it has an identifier only',
};

/** Where each reference leads (bundle.html#references); what is in focus always has to be in the message. */
export function checkReferences(context: CheckContext): void {
  const { graph, mode, positions, report } = context;
  for (const reference of graph.unresolved()) {
    const position = positions.get(reference.from) ?? 0;
    const at = pathInBundle(position, reference.path);
    const { kind, reason } = reference;
    if (kind === 'ambiguous') {
      report('reference.ambiguous', at);
    } else if (position === 0 && reference.path.startsWith('MessageHeader.focus[')) {
      report('focus.unresolved', at, because[reason]);
    } else if (position === 0 && reference.path === 'MessageHeader.response.details') {
      // Rule response.details says it better.
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
