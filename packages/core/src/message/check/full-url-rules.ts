import type { CheckRuleId } from '../../fhir/rule-id.ts';
import { idIn, isAbsoluteUri, namesVersion, typeIn } from '../../reference/parse-reference.ts';
import { entryPath } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of `Bundle.entry.fullUrl`: there, absolute, without a version, and in agreement with the resource. */
export function checkFullUrls({ state: { records }, releaseRules, report }: CheckContext): void {
  const reportUrl = (rule: CheckRuleId, position: number, detail?: string): void => {
    report(rule, entryPath(position, 'fullUrl'), detail);
  };
  records.forEach(({ fullUrl, restful, type, id }, position) => {
    if (fullUrl === undefined) {
      reportUrl(releaseRules.fullUrlRequired, position);
      return;
    }
    if (!restful && !isAbsoluteUri(fullUrl)) reportUrl('fullUrl.absolute', position);
    if (namesVersion(fullUrl)) reportUrl('bdl-8', position);
    if (restful && type !== undefined && typeIn(restful.name) !== type) {
      reportUrl('fullUrl.type', position, type);
    } else if (restful && idIn(restful.name) !== id) {
      reportUrl('fullUrl.id', position, type);
    }
  });
}
