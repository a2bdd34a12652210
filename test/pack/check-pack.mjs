// Packs every package as it would be published, installs the tarballs with npm as a stranger would, then loads them as ESM and CJS
// on the oldest Node that they promise and on ours, and compiles a consumer against their types. Wants a build.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedPackages } from '../../scripts/published-packages.mjs';

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const home = mkdtempSync(join(tmpdir(), 'packed-'));

const nodes = [require.resolve('node20/bin/node'), process.execPath];

const compilers = [
  { name: 'ESM', file: 'consumer.mts', module: 'node16', moduleResolution: 'node16' },
  { name: 'CJS', file: 'consumer.cts', module: 'node16', moduleResolution: 'node16' },
  { name: 'bundler', file: 'consumer.ts', module: 'esnext', moduleResolution: 'bundler' },
];

/** Runs in the stranger's folder, its output on ours. */
function run(command, args) {
  execFileSync(command, args, { cwd: home, stdio: ['ignore', 'inherit', 'inherit'] });
}

function pack() {
  return publishedPackages().map(({ folder, manifest }) => {
    const [{ filename }] = [JSON.parse(execFileSync('pnpm', ['pack', '--json', '--pack-destination', home], { cwd: folder, encoding: 'utf8' }))].flat();
    return [manifest.name, `file:${filename}`];
  });
}

function install(tarballs) {
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies: Object.fromEntries(tarballs), devDependencies: { '@types/react': '^19.0.0' } }));
  run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error']);
}

function load() {
  for (const node of nodes) for (const file of ['load.mjs', 'load.cjs']) run(node, [file]);
}

function compile() {
  for (const { name, file, ...modules } of compilers) {
    const source = readFileSync(join(here, 'consumer', 'consumer.ts'), 'utf8');
    // An ESM consumer under node16 has to name a file of @types/fhir whole: it has no `exports`.
    writeFileSync(join(home, file), name === 'ESM' ? source.replace("'fhir/r4'", "'fhir/r4.js'") : source);
    const project = `tsconfig.${name}.json`;
    const compilerOptions = { ...modules, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
    writeFileSync(join(home, project), JSON.stringify({ compilerOptions, files: [file] }));
    run(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', project]);
    console.log(`types from ${name}: compiled`);
  }
}

try {
  const tarballs = pack();
  cpSync(join(here, 'consumer'), home, { recursive: true });
  install(tarballs);
  load();
  compile();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
