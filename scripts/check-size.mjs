// A limit keeps what was reached; a goal says where it has to go.
// What a page pays for an import list: bundled from what was built, minified, gzip -9. 1 kB = 1000 bytes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publishedPackages } from './published-packages.mjs';

/** @typedef {{ import: string, from: string }} Import */
/** @typedef {Import & { row: string, and?: Import[], external: string[], limitBytes: number, goalBytes: number }} Row */

/** @type {Row[]} */
const rows = JSON.parse(readFileSync('size-limits.json', 'utf8'));
const packages = publishedPackages();

/** What was built of an entry of a package. @param {string} from */
function builtFile(from) {
  const [scope, name, entry = '.'] = from.split('/');
  const home = packages.find(({ manifest }) => manifest.name === `${scope}/${name}`);
  if (home === undefined) throw new Error(`size-limits.json: no package is called ${scope}/${name}`);
  return join(home.folder, entry === '.' ? home.manifest.module : home.manifest.exports[`./${entry}`].import.default);
}

/** @param {Row} row */
async function measure({ import: names, from, and = [], external }) {
  const imports = [{ import: names, from }, ...and];
  const alias = Object.fromEntries(imports.map((one) => [one.from, builtFile(one.from)]));
  const kept = imports.map((one) => one.import.replace(/^\* as /, ''));
  const result = await build({
    // `kept` is used, so that nothing of it is shaken off.
    stdin: { contents: `${imports.map((one) => `import ${one.import} from '${one.from}';`).join('')} globalThis.kept = [${kept.join()}];`, resolveDir: packages[0].folder },
    alias,
    external,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(2);

let failed = false;
const table = [];
for (const row of rows) {
  const bytes = await measure(row);
  const verdict = bytes === 0 ? 'empty' : bytes > row.limitBytes ? 'too large' : 'ok';
  failed ||= verdict !== 'ok';
  table.push({ row: row.row, 'kB': kB(bytes), 'limit kB': kB(row.limitBytes), 'goal kB': kB(row.goalBytes), without: row.external.join(), verdict });
}
console.table(table);
if (failed) process.exitCode = 1;
