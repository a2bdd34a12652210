import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Says at the end how a suite went, and leaves the counts, in the form of vitest's JSON report, where REPORTS asks for them.
 *
 * @param {string} suite
 * @param {{ name: string, passed: boolean, ms: number }[]} results
 */
export function report(suite, results) {
  const failed = results.filter(({ passed }) => !passed);
  console.log(`\n${suite}`);
  for (const { name, passed, ms } of results) console.log(`${passed ? 'ok    ' : 'FAILED'} ${(ms / 1000).toFixed(1).padStart(6)} s  ${name}`);
  console.log(`${results.length - failed.length} of ${results.length} ok`);

  if (process.env.REPORTS !== undefined) {
    const assertionResults = failed.map(({ name }) => ({ fullName: name, status: 'failed', failureMessages: [] }));
    const counts = {
      numPassedTests: results.length - failed.length,
      numFailedTests: failed.length,
      numPendingTests: 0,
      testResults: [{ name: suite, assertionResults }],
    };
    writeFileSync(join(process.env.REPORTS, `${suite}.json`), JSON.stringify(counts));
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
}
