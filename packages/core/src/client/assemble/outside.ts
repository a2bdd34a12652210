import { remembered } from '../../fhir/groups.ts';
import type { Issue } from '../../fhir/issue.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { parseReference } from '../../reference/parse-reference.ts';
import { rewriteReferences } from '../../reference/rewrite-references.ts';
import { dropReferences } from './drop-references.ts';
import type { Collection, Taken } from './taken.ts';
import { urlOf } from './target.ts';
import type { Lead, Target } from './target.ts';

/**
 * What becomes of references to what the contract does not take: kept, absolute where the server is known; dropped, but for those in a modifier
 * extension, which are reported; or kept and reported.
 */
export type Outside = 'keep' | 'drop' | 'report';

/** What is to be said of one reference. */
export interface Finding {
  /** What it leads to: the same for each reference to that. */
  readonly to: string;
  readonly path: string;
  readonly rule: keyof typeof sentences;
}

/** A resource as the payload has it, and what is to be said of its references. */
export interface Settled {
  readonly resource: JsonObject;
  readonly findings: readonly Finding[];
}

const sentences = {
  'assemble.unread': 'This could not be read, and is not in the payload.',
  'assemble.outside': 'This leads to what the contract does not take.',
  'assemble.version': 'This asks for another version than the one in the payload.',
} as const;

/**
 * Settles each reference of a resource: one to the payload stays as its server means it, identifiers and contained resources stay, and what leads
 * out is treated as the caller wants.
 */
export function settleOutside({ record, target: { server } }: Taken, { taken, failed }: Collection, lead: Lead, outside: Outside): Settled {
  const rewrites = new Map<string, string>();
  const drops = new Set<string>();
  const findings: Finding[] = [];
  for (const { path, literal } of record.references) {
    if (literal === undefined || parseReference(literal).form === 'fragment') {
      continue;
    }
    // What changes the meaning of the rest is not to be dropped (extensibility.html#modifierExtension).
    const mayDrop = !path.includes('.modifierExtension[');
    const target = lead(literal, server);
    const found = target && taken.get(target.key);
    const isSame = target !== undefined && found !== undefined && isVersion(target, found);
    const to = target?.key ?? literal;
    if (found && !isSame) findings.push({ to, path, rule: 'assemble.version' });
    else if (target && failed.has(target.key)) findings.push({ to, path, rule: 'assemble.unread' });
    else if (!found && (outside === 'report' || (outside === 'drop' && !mayDrop))) findings.push({ to, path, rule: 'assemble.outside' });

    const isInside = found !== undefined && (isSame || target?.version === undefined);
    if (!isInside && mayDrop && outside === 'drop') drops.add(path);
    else if (target) {
      // A message names its entries anew where nobody says the base: within one server a relative reference is understood either way.
      const base = isInside && target.server === server ? '' : target.server.base;
      // A version that the resource does not say it is would lead to none.
      const url = base + urlOf(found?.record.versionId === target.version ? target : { ...target, version: isInside ? undefined : target.version });
      if (url !== literal) rewrites.set(path, url);
    }
  }
  return { resource: dropReferences(rewriteReferences(record.glimpse, rewrites), drops), findings };
}

/** A reference without a version means the present one. */
function isVersion({ version }: Target, { record, target }: Taken): boolean {
  return version === target.version || (version !== undefined && version === record.versionId);
}

/** One issue for each thing that references lead to, with all their paths; an error where the contract needs it. */
export function issuesOf(findings: readonly Finding[], { failed }: Collection, isNeeded: (type: string) => boolean): readonly Issue[] {
  const issues = new Map<string, Issue>();
  for (const { to, path, rule } of findings) {
    const unread = rule === 'assemble.unread' ? failed.get(to) : undefined;
    const { expression = [] } = remembered(issues, `${rule} ${to}`, (): Issue => ({
      severity: unread && isNeeded(unread.type) ? 'error' : 'warning',
      code: unread?.failure ?? 'incomplete',
      rule,
      expression: [],
      diagnostics: sentences[rule],
    }));
    expression.push(path);
  }
  return [...issues.values()];
}
