// Do the checks check? In a copy, each has to be green as things are, and red for every fault that is planted for it.
// With names, only those: pnpm check:self borders. (Those after build need it: pnpm check:self build size.)
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOf } from './faults.mjs';
import { listChecks } from './list-checks.mjs';
import { report } from './report.mjs';
import { makeWorkingCopy } from './working-copy.mjs';

const wanted = process.argv.slice(2);
const copy = makeWorkingCopy();
const results = [];

/** Keeps what the build wrote, since a build that fails leaves nothing. */
function keepDist() {
  const packages = readdirSync(join(copy.home, 'packages'));
  const dist = (name) => join(copy.home, 'packages', name, 'dist');
  const kept = (name) => join(copy.home, 'node_modules', '.dist-kept', name);
  for (const name of packages) cpSync(dist(name), kept(name), { recursive: true });
  return () => {
    for (const name of packages) {
      rmSync(dist(name), { recursive: true, force: true });
      cpSync(kept(name), dist(name), { recursive: true });
    }
  };
}

function expectGreen(check) {
  const start = performance.now();
  const { green, output } = copy.check(check);
  if (!green) console.log(`\n— ${check}, nothing planted, and yet:\n${output}`);
  results.push({ name: `${check}: green as things are`, passed: green, ms: performance.now() - start });
}

function expectRed(check, faults) {
  const start = performance.now();
  const restore = copy.plant(Object.assign({}, ...faults.map(({ files }) => files)));
  const { green, output } = copy.check(check);
  restore();

  const ms = (performance.now() - start) / faults.length;
  for (const { fault, says } of faults) {
    const passed = !green && output.includes(says);
    if (!passed) console.log(`\n— ${check}: ${fault}. Expected red and “${says}”, got ${green ? 'green' : 'red'}:\n${output}`);
    results.push({ name: `${check}: red at ${fault}`, passed, ms });
  }
}

try {
  for (const check of listChecks().filter((name) => wanted.length === 0 || wanted.includes(name))) {
    console.log(`— ${check}`);
    expectGreen(check);
    const restoreDist = check === 'build' && results.at(-1).passed ? keepDist() : () => {};
    if (faultsOf[check] === undefined) results.push({ name: `${check}: has faults to find`, passed: false, ms: 0 });
    for (const faults of faultsOf[check] ?? []) expectRed(check, faults);
    restoreDist();
  }
} finally {
  copy.remove();
}

report('check-self', results);
