import { writeFileSync } from 'node:fs';
import { failuresIn } from './failures.ts';
import { inputOf } from './inputs.ts';
import { measureRow } from './measure.ts';
import type { Result } from './measure.ts';
import { tableOf } from './report.ts';
import { bundle } from './rows/bundle.ts';
import { check } from './rows/check.ts';
import { create } from './rows/create.ts';
import { editOne } from './rows/edit-one.ts';
import { medplumOverhead } from './rows/medplum-overhead.ts';
import { parseText } from './rows/parse-text.ts';
import { rename, renameAll } from './rows/rename.ts';
import { resolveAll, resolveAndRead } from './rows/resolve-all.ts';
import { reverseLinks } from './rows/reverse-links.ts';

const sizes = [100, 1000, 10000];
const rows = [resolveAll, resolveAndRead, parseText, bundle, check, editOne, rename, renameAll, reverseLinks, create, medplumOverhead];

// `pnpm bench graph.edit` measures the rows of that name, and leaves the written results alone.
const [wanted = ''] = process.argv.slice(2);
const inputs = sizes.map(inputOf);
const results: Result[] = [];
const failures: string[] = [];
for (const row of rows.filter(({ name }) => name.includes(wanted))) {
  const ofRow: Result[] = [];
  for (const input of inputs) {
    ofRow.push(await measureRow(row, input));
  }
  results.push(...ofRow);
  failures.push(...failuresIn(row, ofRow));
}

console.log(tableOf(results));
if (wanted === '') {
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
}
if (failures.length > 0) {
  console.error(`\nNot as it has to be:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  process.exitCode = 1;
}
