import { isObject, member, objectsIn, textIn } from '../../fhir/json.ts';
import { headerPath } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of the Bundle as a whole: its type, what a message may not have, what comes first (bundle.html#message). */
export function checkBundle({ bundle, records, header, releaseRules, report }: CheckContext): void {
  if (bundle['type'] !== 'message') report('bundle.type', 'Bundle.type');
  if (member(bundle, 'entry') !== undefined && !Array.isArray(bundle['entry'])) report('bundle.entry', 'Bundle.entry');
  if (member(bundle, 'total') !== undefined) report('bdl-1', 'Bundle.total');
  if (textIn(bundle, 'timestamp') === undefined) report('bundle.timestamp', 'Bundle.timestamp');
  if (header === undefined) report('bdl-12', records.length > 0 ? headerPath : 'Bundle.entry', records[0]?.type ?? 'nothing');
  if (releaseRules.bundleIssues) {
    objectsIn(member(bundle['issues'], 'issue')).forEach(({ severity }, index) => {
      if (severity !== 'information' && severity !== 'warning') report('bdl-16', `Bundle.issues.issue[${index}]`);
    });
  }
}

/** The rules of each entry: what it has to hold, and what only other Bundles' entries have. */
export function checkEntries({ records, releaseRules, report }: CheckContext): void {
  const seen = new Map<string, number>();
  records.forEach((record, position) => {
    const entry = record.entryGlimpse;
    const at = `Bundle.entry[${position}]`;
    const has = (name: string): boolean => member(entry, name) !== undefined;
    if (!isObject(entry['resource'])) {
      report(has('request') || has('response') ? releaseRules.resourceRequired : 'bdl-5', at);
    } else if (record.type === undefined) {
      report('entry.resourceType', `${at}.resource`);
    }
    if (has('search')) report('bdl-2', `${at}.search`);
    if (has('request')) report(releaseRules.entryRequest, `${at}.request`);
    if (has('response')) report(releaseRules.entryResponse, `${at}.response`);

    const name = record.fullUrl && `${record.fullUrl}\n${record.versionId ?? ''}`;
    const first = name && seen.get(name);
    if (typeof first === 'number') {
      report('bdl-7', `${at}.fullUrl`, String(first));
    } else if (name !== undefined) {
      seen.set(name, position);
    }
  });
}
