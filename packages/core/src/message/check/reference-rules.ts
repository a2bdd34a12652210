import type { UnresolvedReference } from '../../graph/bundle-graph.ts';
import type { ResolutionReason } from '../../reference/resolve-reference.ts';
import { parseReference, parseRestfulUrl } from '../../reference/parse-reference.ts';
import { nameOf, pathInBundle, resourcePath } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const because: Readonly<Partial<Record<ResolutionReason, string>>> = {
  'not-in-bundle': 'no entry has that fullUrl, and nothing else can answer a urn',
  'no-base': 'it is relative, and its own entry has no fullUrl on a server to make it absolute with',
  'version-mismatch': 'the entry is there, but not in that version',
  'not-contained': 'its resource contains nothing of that id',
  conditional: 'a search in place of a reference has a meaning in transactions only',
  'not-a-reference': 'it is no reference at all',
  'identifier-only': 'it has an identifier only',
  'outside-bundle': 'no entry has that fullUrl',
};

/** Where each reference leads (bundle.html#references); the focus always has to be in the message. */
export function checkReferences(context: CheckContext): void {
  const { graph, positions, report } = context;
  const focusLinks = graph.linksFrom(graph.entries[0]?.key ?? '').filter(({ path }) => /^MessageHeader\.focus\[\d+\]$/.test(path));
  for (const { path, kind, reason } of focusLinks) {
    if (context.header !== undefined && kind !== 'entry' && kind !== 'ambiguous') {
      report('focus.unresolved', pathInBundle(0, path), `What the focus refers to has to be in the message: ${because[reason] ?? reason}.`);
    }
  }
  for (const reference of graph.unresolved()) {
    const position = positions.get(reference.from) ?? 0;
    const isFocus = position === 0 && reference.path.startsWith('MessageHeader.focus[');
    const isDetails = position === 0 && reference.path === 'MessageHeader.response.details';
    if (reference.kind === 'ambiguous' || !(isFocus || isDetails)) {
      reportUnresolved(reference, position, context);
    }
  }
  if (context.mode === 'lenient') {
    reportLenientHits(context);
  }
}

function reportUnresolved({ kind, reason, path, reference }: UnresolvedReference, position: number, context: CheckContext): void {
  const { report } = context;
  const expression = pathInBundle(position, path);
  if (kind === 'ambiguous') {
    report('reference.ambiguous', expression, 'Several entries answer this reference; which one is meant cannot be told.');
  } else if (kind === 'unresolved') {
    report('reference.unresolved', expression, `The reference leads nowhere: ${because[reason] ?? reason}.`);
  } else if (reason === 'outside-bundle') {
    const near = nearMiss(reference ?? '', context);
    if (near === undefined) {
      report('reference.external', expression, 'The reference leads out of the message; its receiver may not be able to follow it.');
    } else {
      report('reference.near-miss', expression, `No entry has that fullUrl, but the ${near} has the same type and id: is its fullUrl right?`);
    }
  }
}

/** An entry of the same type and id under another `fullUrl`: HL7's validator gives this hint too. */
function nearMiss(reference: string, { graph, positions, records }: CheckContext): string | undefined {
  const parsed = parseReference(reference);
  const target = parsed.form === 'absolute' ? parseRestfulUrl(parsed.url) : parsed.form === 'relative' ? parsed : undefined;
  if (target === undefined) {
    return undefined;
  }
  const found = graph.resolve(`${target.type}/${target.id}`, { mode: 'lenient' });
  const key = found.kind === 'entry' ? found.key : found.kind === 'ambiguous' ? found.keys[0] : undefined;
  const position = positions.get(key ?? '');
  return position === undefined ? undefined : nameOf(records[position], position);
}

function reportLenientHits({ graph, report }: CheckContext): void {
  graph.entries.forEach(({ key }, position) => {
    for (const { lenient, path } of graph.linksFrom(key)) {
      if (lenient) {
        report('reference.lenient', pathInBundle(position, path), 'Only type and id tell the target; by the rules this reference leads nowhere.');
      }
    }
  });
}

/** Entries that nothing leads to from the header, or only backwards (R5 messaging.html#assumptions). */
export function checkReach({ graph, records, header, report }: CheckContext): void {
  const forward = graph.closure();
  if (header === undefined || forward.size === records.length) {
    return;
  }
  const both = graph.closure({ reverse: true });
  graph.entries.forEach(({ key }, position) => {
    const record = records[position];
    if (forward.has(key)) {
      return;
    }
    if (!both.has(key)) {
      report('entry.orphan', resourcePath(position), `Nothing in the message leads to the ${nameOf(record, position)}.`);
    } else if (record?.type !== 'Provenance') {
      report('entry.reverse-only', resourcePath(position), `The ${nameOf(record, position)} refers to the others, but nothing leads to it.`);
    }
  });
}
