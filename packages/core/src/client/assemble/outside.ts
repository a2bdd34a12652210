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
 * What becomes of references that lead out of the payload: kept, absolute where the server is known; dropped, but for those in a modifier
 * extension, which are kept and reported; or kept and reported.
 */
export type Outside = 'keep' | 'drop' | 'report';

/** A finding on one reference. */
export interface Finding {
  /** The key of its target, equal for every reference to that target; else its literal. */
  readonly to: string;
  readonly path: string;
  readonly rule: keyof typeof sentences;
}

/** A resource as the payload has it, and the findings on its references. */
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
 * Settles each reference of a resource: one into the payload keeps its meaning, identifiers and references to contained resources stay, and one that
 * leads out is treated as the caller wants.
 */
export function settleOutside({ record, target: { server } }: Taken, { taken, failed }: Collection, lead: Lead, outside: Outside): Settled {
  const rewrites = new Map<string, string>();
  const drops = new Set<string>();
  const findings: Finding[] = [];
  for (const { path, literal } of record.references) {
    if (literal === undefined || parseReference(literal).form === 'fragment') {
      continue;
    }
    const target = lead(literal, server);
    const found = target && taken.get(target.key);
    const isMeant = target !== undefined && found !== undefined && isVersion(target, found);
    // A modifier extension changes the meaning of the rest, so nothing in it is dropped (extensibility.html#modifierExtension).
    const drop = outside === 'drop' && !path.includes('.modifierExtension[');

    const to = target?.key ?? literal;
    if (found && !isMeant) findings.push({ to, path, rule: 'assemble.version' });
    else if (target && failed.has(target.key)) findings.push({ to, path, rule: 'assemble.unread' });
    else if (!found && !drop && outside !== 'keep') findings.push({ to, path, rule: 'assemble.outside' });

    const isInside = found !== undefined && (isMeant || target?.version === undefined);
    if (drop && !isInside) drops.add(path);
    else if (target) {
      // Without a known base a message names its entries anew: a relative reference within one server is understood either way.
      const base = isInside && target.server === server ? '' : target.server.base;
      // A version other than the resource's own `meta.versionId` would lead to no entry.
      const url = base + urlOf(found?.record.versionId === target.version ? target : { ...target, version: isInside ? undefined : target.version });
      if (url !== literal) rewrites.set(path, url);
    }
  }
  return { resource: dropReferences(rewriteReferences(record.glimpse, rewrites), drops), findings };
}

/** Whether a reference means the version that was taken; without a version it means the present one. */
function isVersion({ version }: Target, { record, target }: Taken): boolean {
  return version === target.version || (version !== undefined && version === record.versionId);
}

/** One issue for each target and rule, with the paths of all its references; an error where the contract needs the target. */
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
