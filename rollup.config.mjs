// Builds the package in whose folder it runs. Its manifest is the only list of what there is to build:
// `exports` names the entries, `unpkg` the file for a script tag, the dependencies what stays an import.
import { readFileSync, rmSync } from 'node:fs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const SOURCE = '@fhir-messaging/source';
const TARGET = 'es2022';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

const input = Object.fromEntries(
  Object.entries(manifest.exports)
    .filter(([, target]) => target[SOURCE] !== undefined)
    .map(([path, target]) => [path === '.' ? 'index' : path.slice('./'.length), target[SOURCE]]),
);

// '@types/fhir' is what lets a declaration say `from 'fhir/r4'`.
const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).map((name) => name.replace(/^@types\//, ''));

/** @param {string} id */
const external = (id) => id.startsWith('node:') || declared.some((name) => id === name || id.startsWith(`${name}/`));

/** A warning is an import that nobody declared, a cycle, an export that is not there: never something to ship. */
const onwarn = (/** @type {import('rollup').RollupLog} */ warning) => {
  throw new Error(`${manifest.name}: ${warning.message}`);
};

/** @param {string} extension */
const files = (extension) => ({ dir: 'dist', entryFileNames: `[name]${extension}`, chunkFileNames: `chunks/[name]-[hash]${extension}` });

// Hooks run where there is state: a bundler that renders on a server has to be told. Rollup would drop the directive of a source file.
const banner = manifest.peerDependencies?.react === undefined ? '' : '"use client";';

const modules = {
  input,
  external,
  onwarn,
  plugins: [esbuild({ target: TARGET })],
  output: [
    { ...files('.js'), banner, format: 'esm', sourcemap: true },
    { ...files('.cjs'), banner, format: 'cjs', sourcemap: true },
  ],
};

// @types/fhir has no `exports`: an ESM consumer under node16 finds its files by their whole name only, everybody else too.
const paths = (/** @type {string} */ id) => id.replace(/^fhir\/\w+$/, '$&.js');

/** @medplum/fhirtypes is for ESM alone: a CommonJS declaration has to say that it takes types from there. */
const typesOfEsm = {
  name: 'types-of-esm',
  renderChunk: (/** @type {string} */ code) => code.replace(/^import (.* from '@medplum\/fhirtypes');$/gm, "import type $1 with { 'resolution-mode': 'import' };"),
};

const declarations = {
  input,
  external,
  onwarn,
  plugins: [dts()],
  output: [
    { ...files('.d.ts'), format: 'esm', paths },
    { ...files('.d.cts'), format: 'esm', paths, plugins: [typesOfEsm] },
  ],
};

// The packages over core put their names into the same global: a page loads core first.
const siblings = declared.filter((name) => name.startsWith('@fhir-messaging/'));

const scriptTag = {
  input: input.index,
  external: siblings,
  onwarn,
  plugins: [
    nodeResolve(),
    esbuild({ target: TARGET, include: /\.m?[jt]s$/, exclude: [], define: { 'process.env.NODE_ENV': '"production"' }, minify: true }),
  ],
  output: {
    file: manifest.unpkg,
    format: 'iife',
    name: 'FhirMessaging',
    extend: siblings.length > 0,
    globals: Object.fromEntries(siblings.map((name) => [name, 'FhirMessaging'])),
    sourcemap: true,
  },
};

rmSync('dist', { recursive: true, force: true });

export default manifest.unpkg === undefined ? [modules, declarations] : [modules, declarations, scriptTag];
