import { readFileSync } from 'node:fs';

/** The names of the checks, as the root manifest lists them. `check:self` checks these, and is not one of them. */
export function listChecks() {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.keys(scripts)
    .filter((script) => script.startsWith('check:') && script !== 'check:self')
    .map((script) => script.slice('check:'.length));
}
