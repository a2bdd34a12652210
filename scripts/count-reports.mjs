// Adds up the JSON reports in a folder; each suite that ended badly without one, or without saying what failed, counts as one failure.
// node scripts/count-reports.mjs <folder> <suite>=<exit code> …
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...suites] = process.argv.slice(2);

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  const [name, code] = suite.split('=');
  const file = join(folder, `${name}.json`);
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: pending = 0, numTodoTests: planned = 0 } = counts;

  const crashed = (code !== '0' && failed === 0) || (code === '0' && passed + failed === 0);
  if (crashed) console.log(`${name}: ended with ${code} and counted ${passed} passed, ${failed} failed`);

  total.passed += passed;
  total.failed += failed + (crashed ? 1 : 0);
  total.skipped += pending + planned;
}

process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
