import { remembered } from '../../fhir/groups.ts';
import { isText, member, objectsIn } from '../../fhir/json.ts';
import { entryPath, headerPath, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of the Bundle as a whole: its type, its first entry, and elements that a message may not have (bundle.html#message). */
export function checkBundle({ state: { envelope, records, header }, releaseRules, report }: CheckContext): void {
  const { type, entry, total, timestamp, issues } = envelope;
  if (type !== 'message') report('bundle.type', 'Bundle.type');
  if (entry !== undefined && !Array.isArray(entry)) report('bundle.entry', 'Bundle.entry');
  if (total !== undefined) report('bdl-1', 'Bundle.total');
  if (!isText(timestamp)) report('bundle.timestamp', 'Bundle.timestamp');
  if (header === undefined) report('bdl-12', records.length > 0 ? headerPath : 'Bundle.entry');
  objectsIn(member(issues, 'issue')).forEach(({ severity }, index) => {
    const isHarmless = severity === 'information' || severity === 'warning';
    if (releaseRules.bundleIssues && !isHarmless) report('bdl-16', `Bundle.issues.issue[${index}]`);
  });
}

/** The rules of each entry: it holds a typed resource, no element of other Bundles' entries, and a `fullUrl` of its own. */
export function checkEntries({ state, releaseRules, report }: CheckContext): void {
  const seen = new Map<string, number>();
  state.records.forEach((record, position) => {
    const { entryGlimpse, holdsResource, type, fullUrl } = record;
    const { search, request, response } = entryGlimpse;
    if (!holdsResource) {
      report(request === undefined && response === undefined ? 'bdl-5' : 'entry.resource', entryPath(position));
    } else if (type === undefined) {
      report('entry.resourceType', pathInBundle(position));
    }
    if (search !== undefined) report('bdl-2', entryPath(position, 'search'));
    if (request !== undefined) report(releaseRules.entryRequest, entryPath(position, 'request'));
    if (response !== undefined) report(releaseRules.entryResponse, entryPath(position, 'response'));

    const isShared = fullUrl !== undefined && state.keyAt(position) !== fullUrl;
    const first = isShared ? remembered(seen, `${fullUrl}\n${record.versionId ?? ''}`, () => position) : position;
    if (first !== position) report('bdl-7', entryPath(position, 'fullUrl'), `${first}`);
  });
}
