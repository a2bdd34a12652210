import { isObject, member, objectsIn, textIn } from '../../fhir/json.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of the Bundle as a whole: its type, what a message may not have, what comes first (bundle.html#message). */
export function checkBundle(context: CheckContext): void {
  const { bundle, records, release, report } = context;
  if (bundle['type'] !== 'message') {
    report('bundle.type', 'Bundle.type', "A message is a Bundle of type 'message'.");
  }
  if (Object.hasOwn(bundle, 'entry') && !Array.isArray(bundle['entry'])) {
    report('bundle.entry', 'Bundle.entry', 'Bundle.entry is a list of entries.');
  }
  if (Object.hasOwn(bundle, 'total')) {
    report('bdl-1', 'Bundle.total', 'Only a searchset or a history has a total.');
  }
  if (textIn(bundle, 'timestamp') === undefined) {
    report('bundle.timestamp', 'Bundle.timestamp', 'A message should say when it was put together.');
  }
  if (records.length === 0) {
    report('bdl-12', 'Bundle.entry', 'A message has at least one entry, and the first holds its MessageHeader.');
  } else if (context.header === undefined) {
    const { type } = records[0] ?? {};
    report('bdl-12', 'Bundle.entry[0].resource', `The first entry holds the MessageHeader; here it holds ${type ?? 'no resource'}.`);
  }
  if (release === 'R5') {
    checkBundleIssues(context);
  }
  checkUnique(context);
}

function checkBundleIssues({ bundle, report }: CheckContext): void {
  objectsIn(member(bundle['issues'], 'issue')).forEach((issue, index) => {
    if (issue['severity'] !== 'information' && issue['severity'] !== 'warning') {
      report('bdl-16', `Bundle.issues.issue[${index}]`, 'Issues of the Bundle itself are information or warnings.');
    }
  });
}

/** bdl-7: one `fullUrl` may stand twice only for two versions of one resource. */
function checkUnique({ records, report }: CheckContext): void {
  const seen = new Map<string, number>();
  records.forEach((record, position) => {
    if (record.fullUrl === undefined) {
      return;
    }
    const name = `${record.fullUrl}\n${record.versionId ?? ''}`;
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, position);
    } else {
      report('bdl-7', `Bundle.entry[${position}].fullUrl`, `Entry ${first} has the same fullUrl, and the same version or none.`);
    }
  });
}

/** The rules of each entry: what it has to hold, and what only other Bundles' entries have. */
export function checkEntries({ records, releaseRules, report }: CheckContext): void {
  records.forEach((record, position) => {
    const entry = record.entryGlimpse;
    const at = `Bundle.entry[${position}]`;
    if (!isObject(entry['resource'])) {
      const nothing = !Object.hasOwn(entry, 'request') && !Object.hasOwn(entry, 'response');
      report(nothing ? 'bdl-5' : releaseRules.resourceRequired, at, `Entry ${position} holds no resource; every entry of a message does.`);
    } else if (record.type === undefined) {
      report('entry.resourceType', `${at}.resource`, `The resource in entry ${position} has no resourceType.`);
    }
    if (Object.hasOwn(entry, 'search')) {
      report('bdl-2', `${at}.search`, 'Only entries of a searchset have a search element.');
    }
    if (Object.hasOwn(entry, 'request')) {
      report(releaseRules.entryRequest, `${at}.request`, 'Only entries of a batch, transaction or history have a request.');
    }
    if (Object.hasOwn(entry, 'response')) {
      report(releaseRules.entryResponse, `${at}.response`, 'Only entries of a batch-response, transaction-response or history have a response.');
    }
  });
}
