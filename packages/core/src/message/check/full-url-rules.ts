import { isAbsoluteUri, namesVersion } from '../../reference/parse-reference.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of `Bundle.entry.fullUrl`: there, absolute, without a version, and in agreement with the resource. */
export function checkFullUrls({ state: { records }, releaseRules, report }: CheckContext): void {
  records.forEach(({ fullUrl, restful, type, id }, position) => {
    const at = `Bundle.entry[${position}].fullUrl`;
    if (fullUrl === undefined) {
      report(releaseRules.fullUrlRequired, at);
      return;
    }
    if (!isAbsoluteUri(fullUrl)) report('fullUrl.absolute', at);
    if (namesVersion(fullUrl)) report('bdl-8', at);
    if (restful && type !== undefined && restful.type !== type) {
      report('fullUrl.type', at, type);
    } else if (restful && restful.id !== id) {
      report('fullUrl.id', at, type);
    }
  });
}
