import { isObject, itemsOf, member } from '../../fhir/json.ts';
import type { GraphState } from '../../graph/graph-state.ts';
import type { LocatedInEntry } from '../../graph/links.ts';
import type { ResolutionReason } from '../../reference/resolve-reference.ts';
import { parseReference, parseRestfulUrl } from '../../reference/parse-reference.ts';
import { lenientReason } from '../../reference/resolve-reference.ts';
import { isLogicalReference } from '../../reference/walk-references.ts';
import type { ReferenceSite } from '../../reference/walk-references.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext, Report } from './check-context.ts';

const because: Readonly<Partial<Record<ResolutionReason, string>>> = {
  'not-in-bundle': 'no entry has that fullUrl',
  'outside-bundle': 'no entry has that fullUrl',
  'no-base': 'its own fullUrl is on no server',
  'version-mismatch': 'it is there in another version',
  'not-contained': 'no contained resource has that id',
  conditional: 'it is a search',
  'not-a-reference': 'it is no reference',
  'identifier-only': 'it is an identifier',
};

/** The rules of references (bundle.html#references): each leads somewhere, and the focus to an entry of the message. */
export function checkReferences({ state, report }: CheckContext): void {
  itemsOf(state.header?.['focus']).forEach((item, index) => {
    const literal = member(item, 'reference');
    const otherwise: ResolutionReason = isObject(item) && isLogicalReference(item) ? 'identifier-only' : 'not-a-reference';
    const { kind, reason } = typeof literal === 'string' ? state.locate(literal, undefined, 0) : { kind: undefined, reason: otherwise };
    if (kind !== 'entry' && kind !== 'ambiguous') report('focus.unresolved', `${headerPath}.focus[${index}]`, because[reason] ?? 'it is contained');
  });
  state.records.forEach(({ references }, position) => {
    state.locatedFrom(position).forEach((located, index) => {
      const site = references[index];
      // A reference that leads to an entry by the rules breaks none; most do.
      if (site && (located.kind !== 'entry' || located.reason === lenientReason)) checkReference(site, located, position, state, report);
    });
  });
}

function checkReference({ path, literal = '' }: ReferenceSite, located: LocatedInEntry, position: number, state: GraphState, report: Report): void {
  const at = pathInBundle(position, path);
  const { kind, reason } = located;
  if (reason === lenientReason) {
    report('reference.lenient', at);
  } else if (kind === 'ambiguous') {
    // The one position of what is contained several times is its holder's.
    report(located.positions.length === 1 ? 'contained.ambiguous' : 'reference.ambiguous', at);
  } else if (position === 0 && (isFocus(path) || path === 'MessageHeader.response.details')) {
    // Rules focus.unresolved and response.details say it better.
  } else if (kind === 'unresolved') {
    report('reference.unresolved', at, because[reason]);
  } else if (kind === 'external' && reason !== 'identifier-only') {
    const near = nearMiss(literal, state);
    report(near === undefined ? 'reference.external' : 'reference.near-miss', at, `entry ${near ?? ''}`);
  }
}

/** The entry of the same type and id under another `fullUrl`, or in another version; HL7's validator gives this hint too. */
function nearMiss(reference: string, { index }: GraphState): number | undefined {
  const parsed = parseReference(reference);
  const target = parsed.form === 'absolute' ? parseRestfulUrl(parsed.url) : parsed.form === 'relative' ? parsed : undefined;
  const found = target && index.find('either', target.name);
  return typeof found === 'object' ? found[0] : found;
}

/** Entries that nothing leads to from the header, or only backwards (R5 messaging.html#assumptions). */
export function checkReach({ state, report }: CheckContext): void {
  const { header, records } = state;
  const forward = state.reached(false);
  if (header === undefined || forward.size === records.length) {
    return;
  }
  const both = state.reached(true);
  records.forEach(({ type }, position) => {
    if (!both.has(position)) {
      report('entry.orphan', pathInBundle(position), type);
    } else if (!forward.has(position) && type !== 'Provenance') {
      report('entry.reverse-only', pathInBundle(position), type);
    }
  });
}
