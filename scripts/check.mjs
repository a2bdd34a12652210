// Runs every `check:<name>` of package.json, in the order in which it stands there, and says at the end which failed.
// With names, only those: pnpm check lint borders
import { spawnSync } from 'node:child_process';
import { listChecks } from './list-checks.mjs';
import { report } from './report.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !listChecks().includes(name));
if (unknown.length > 0) {
  console.error(`There is no check: ${unknown.join(', ')}. There are: ${listChecks().join(', ')}.`);
  process.exit(2);
}

const results = listChecks()
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .map((name) => {
    console.log(`\n— ${name}`);
    const start = performance.now();
    const { status } = spawnSync('pnpm', ['run', '--silent', `check:${name}`], { stdio: ['ignore', 'inherit', 'inherit'] });
    return { name, passed: status === 0, ms: performance.now() - start };
  });

report('check', results);
