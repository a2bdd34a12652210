// Adds up the JSON reports in a folder, and names what failed; each suite that ended badly without a report, or without saying what failed, counts as
// one failure.
// node scripts/count-reports.mjs <folder> <suite>=<exit code> …
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, ...suites] = process.argv.slice(2);

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  const [name, code] = suite.split('=');
  const file = join(folder, `${name}.json`);
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests: pending = 0, numTodoTests: planned = 0, testResults = [] } = counts;

  const failures = testResults.flatMap(failuresOf);
  for (const { title, message } of failures) console.log(`FAILED ${name}: ${title}\n${message}`);

  const failed = Math.max(numFailedTests, failures.length);
  const crashed = (code !== '0' && failed === 0) || (code === '0' && passed + failed === 0);
  if (crashed) console.log(`${name}: ended with ${code} and counted ${passed} passed, ${failed} failed`);

  total.passed += passed;
  total.failed += failed + (crashed ? 1 : 0);
  total.skipped += pending + planned;
}

process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

// A file that could not be loaded has no tests that could fail.
function failuresOf({ name: file, status, message, assertionResults }) {
  const path = relative(process.cwd(), file);
  const failures = assertionResults
    .filter((result) => result.status === 'failed')
    .map(({ fullName, failureMessages }) => ({ title: `${path}: ${fullName}`, message: withoutLibraries(failureMessages.join('\n')) }));
  return failures.length === 0 && status === 'failed' ? [{ title: path, message: withoutLibraries(message) }] : failures;
}

function withoutLibraries(message) {
  const lines = message.split('\n').filter((line) => !line.includes('/node_modules/') && !line.includes('node:internal'));
  return lines.join('\n').slice(0, 1_500);
}
