import { isAbsoluteUri, namesVersion } from '../../reference/parse-reference.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of `Bundle.entry.fullUrl`: there, absolute, without a version, and in agreement with the resource. */
export function checkFullUrls({ records, releaseRules, report }: CheckContext): void {
  records.forEach((record, position) => {
    const at = `Bundle.entry[${position}].fullUrl`;
    const { fullUrl, restful } = record;
    if (fullUrl === undefined) {
      report(releaseRules.fullUrlRequired, at, `Entry ${position} has no fullUrl; nothing in the message can refer to it.`);
      return;
    }
    if (!isAbsoluteUri(fullUrl)) {
      report('fullUrl.absolute', at, 'A fullUrl is absolute: a URL with its server, or a urn.');
    }
    if (namesVersion(fullUrl)) {
      report('bdl-8', at, 'A fullUrl names no version.');
    }
    if (restful === undefined) {
      return;
    }
    if (record.type !== undefined && restful.type !== record.type) {
      report('fullUrl.type', at, `The fullUrl is that of a ${restful.type}, the resource is a ${record.type}.`);
    } else if (record.id !== restful.id) {
      const id = record.id === undefined ? 'has no id' : 'has another id';
      report('fullUrl.id', at, `A fullUrl on a server ends in the resource's id; the ${record.type ?? 'resource'} ${id}.`);
    }
  });
}
