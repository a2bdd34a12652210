// One fault for each rule that a check keeps. `files` says what to plant: a new text, or a change of the one that is there.
// `says` is what the check has to answer: red for another reason does not count.

/** @typedef {{ fault: string, says: string, files: Record<string, string | ((text: string) => string)> }} Fault */

const append = (/** @type {string} */ line) => (/** @type {string} */ text) => `${text}\n${line}\n`;

const manifest = (/** @type {(manifest: any) => void} */ change) => (/** @type {string} */ text) => {
  const value = JSON.parse(text);
  change(value);
  return JSON.stringify(value, null, 2);
};

const core = (/** @type {string} */ file) => `packages/core/src/${file}`;
const netsmart = (/** @type {string} */ file) => `packages/netsmart/src/${file}`;

/** Planted together, since linting takes long: each is told by its own rule. @type {Fault[]} */
const lintFaults = [
  { fault: 'an any', says: 'no-explicit-any', files: { [core('fhir/planted-any.ts')]: '/** Planted. */\nexport function planted(value: any): void {\n  value();\n}\n' } },
  { fault: 'a cast', says: 'consistent-type-assertions', files: { [core('fhir/planted-cast.ts')]: '/** Planted. */\nexport const planted: string = JSON.parse("1") as string;\n' } },
  { fault: 'a default export', says: 'Export it by name', files: { [core('fhir/planted-default.ts')]: '/** Planted. */\nexport default function planted(): void {}\n' } },
  { fault: 'a file called utils', says: 'Name the file for the one thing', files: { [core('fhir/utils.ts')]: 'export {};\n' } },
  { fault: 'an inner barrel', says: 'No inner barrels', files: { [core('fhir/index.ts')]: 'export {};\n' } },
  { fault: 'an export without a comment', says: 'require-jsdoc', files: { [core('fhir/planted-doc.ts')]: 'export function planted(): void {}\n' } },
  { fault: 'work put off', says: 'no-warning-comments', files: { [core('fhir/planted-later.ts')]: `// ${'TO'}${'DO'} later\nexport {};\n` } },
  { fault: 'a file too long to read', says: 'max-lines', files: { [core('fhir/planted-long.ts')]: `${'// line\n'.repeat(251)}export {};\n` } },
];

/** Planted together: the smaller program, what is published, is compiled first and has both. @type {Fault[]} */
const typeFaults = [
  { fault: 'a wrong type', says: 'TS2322', files: { [core('fhir/planted-type.ts')]: '/** Planted. */\nexport const planted: string = 1;\n' } },
  { fault: 'a Node global in what is published', says: "Cannot find name 'process'", files: { [core('fhir/planted-global.ts')]: '/** Planted. */\nexport const planted: string = process.version;\n' } },
];

/** @type {Fault} */
const testTypeFault = { fault: 'a wrong type in a test', says: 'test/planted.ts', files: { 'test/planted.ts': 'export const planted: string = 1;\n' } };

/** The import that a rule forbids, and that it has to name: `from` is planted, and says `statement`. @returns {Fault} */
const edge = (fault, rule, [from, to], statement, files = {}) => ({ fault, says: `${rule}: ${from} → ${to}`, files: { [from]: statement, ...files } });

const floors = ['fhir', 'reference', 'graph', 'event', 'message', 'exchange', 'client'];

/** Planted together: each is told by its rule and its two files. @type {Fault[]} */
const borderFaults = [
  ...floors.slice(0, -1).map((floor, level) => {
    const above = floors[level + 1];
    const target = core(`${above}/planted-above-${floor}.ts`);
    return edge(`core: ${floor} imports ${above}, a type only`, `core-floor-${floor}`, [core(`${floor}/planted-floor.ts`), target], `import type {} from '../${above}/planted-above-${floor}.ts';\n`, { [target]: 'export {};\n' });
  }),
  edge('core: fhir imports errors', 'core-floor-fhir', [core('fhir/planted-errors.ts'), core('errors.ts')], "import '../errors.ts';\n"),
  edge('core: errors imports reference', 'core-floor-errors', [core('errors.ts'), core('reference/planted.ts')], append("import './reference/planted.ts';"), { [core('reference/planted.ts')]: 'export {};\n' }),
  edge('core: a file imports its own index', 'index-is-for-others', [core('client/planted-index.ts'), core('index.ts')], "import '../index.ts';\n"),
  edge('core: immer outside of the edits', 'core-immer-in-one-file', [core('graph/planted-immer.ts'), 'node_modules/'], "import type { Draft } from 'immer';\nexport type Planted = Draft<object>;\n"),
  edge('core: a module of Node', 'core-nothing-else', [core('client/planted-node.ts'), 'fs'], "import 'node:fs';\n"),
  edge('core: @types/fhir at run time', 'core-fhir-types-only', [core('fhir/planted-fhir.ts'), 'node_modules/'], "import 'fhir/r4';\n"),
  edge('core knows netsmart', 'border-core', [core('client/planted-netsmart.ts'), netsmart('planted-known.ts')], "import '../../../netsmart/src/planted-known.ts';\n", { [netsmart('planted-known.ts')]: 'export {};\n' }),
  edge('netsmart knows receiver', 'border-netsmart', [netsmart('planted-receiver.ts'), 'packages/receiver/src/index.ts'], "import '../../receiver/src/index.ts';\n"),
  edge('receiver knows netsmart, a type only', 'border-receiver', ['packages/receiver/src/planted.ts', netsmart('index.ts')], "import type {} from '../../netsmart/src/index.ts';\n"),
  edge('a package imports another by path', 'packages-meet-at-exports', [netsmart('planted-path.ts'), core('errors.ts')], "import '../../core/src/errors.ts';\n"),
  edge('a test imports a package by path', 'packages-meet-at-exports', ['test/planted.ts', core('errors.ts')], "import '../packages/core/src/errors.ts';\n"),
  edge('a package imports what the other does not export', 'no-unresolved', [netsmart('planted-deep.ts'), '@fhir-messaging/core/src/errors.ts'], "import '@fhir-messaging/core/src/errors.ts';\n"),
  edge('a package imports what it does not declare', 'no-undeclared', [netsmart('planted-undeclared.ts'), 'node_modules/'], "import 'esbuild';\n"),
  edge('a package knows the tests', 'packages-know-no-users', [netsmart('planted-user.ts'), 'test/planted-used.ts'], "import '../../../test/planted-used.ts';\n", { 'test/planted-used.ts': 'export {};\n' }),
  { fault: 'a cycle, types only', says: `no-cycle: ${netsmart('planted-round.ts')}`, files: { [netsmart('planted-round.ts')]: "import type {} from './planted-trip.ts';\n", [netsmart('planted-trip.ts')]: "import type {} from './planted-round.ts';\n" } },
];

/** @type {Fault} */
const newcomer = { fault: 'a package that nobody gave borders', says: 'what these packages may know: newcomer', files: { 'packages/newcomer/src/index.ts': 'export {};\n' } };

/** @type {Fault[]} */
const unusedFaults = [
  { fault: 'an unused export', says: 'plantedExport', files: { [core('errors.ts')]: append("/** Planted. */\nexport const plantedExport: string = '';") } },
  { fault: 'an unused file', says: 'planted-file.ts', files: { [netsmart('planted-file.ts')]: '/** Planted. */\nexport const planted: string = "";\n' } },
  { fault: 'an unused dependency', says: 'planted-dependency', files: { 'packages/netsmart/package.json': manifest((value) => { value.devDependencies['planted-dependency'] = '1.0.0'; }) } },
];

/** @type {Fault[]} */
const buildFaults = [
  { fault: 'an undeclared dependency', says: '"jsonc-parser" is imported by', files: { [core('errors.ts')]: append("export { parse as planted } from 'jsonc-parser';"), [core('index.ts')]: append("export { planted } from './errors.ts';") } },
  { fault: 'a cycle', says: 'Circular dependency', files: { [core('errors.ts')]: append("export { planted } from './fhir/planted.ts';"), [core('fhir/planted.ts')]: "export { MessagingError as planted } from '../errors.ts';\n", [core('index.ts')]: append("export { planted } from './errors.ts';") } },
];

/** What is planted in dist is what a build could have left there: it saves building once for each fault. */
const dist = (/** @type {string} */ file) => `packages/core/dist/${file}`;

/** @type {Fault[]} */
const publintFaults = [
  { fault: 'a manifest that names a file that is not there', says: 'absent.js', files: { 'packages/netsmart/package.json': manifest((value) => { value.module = './dist/absent.js'; }) } },
];

/** @type {Fault[]} */
const attwFaults = [
  { fault: 'ESM types for a require', says: 'Masquerading as ESM', files: { 'packages/netsmart/package.json': manifest((value) => { value.exports['.'].require.types = './dist/index.d.ts'; }) } },
];

/** @type {Fault[]} */
const apiFaults = [
  { fault: 'a public name that nobody reported', says: 'core: drifted', files: { [dist('index.d.ts')]: append('/** Planted. */\nexport declare const planted: string;') } },
];

const noise = () => Array.from({ length: 30_000 }, () => Math.random().toString(36).slice(2, 4)).join('');

/** @type {Fault[]} */
const sizeFaults = [
  { fault: 'weight that every page would carry', says: 'too large', files: { [dist('index.js')]: append(`globalThis.planted = '${noise()}';`) } },
  { fault: 'a row about an export that is gone', says: 'No matching export', files: { 'size-limits.json': (text) => text.replace('graphOf', 'graphGone') } },
];

/** @type {Fault[]} */
const packFaults = [
  { fault: 'a tarball without what was built', says: 'ERR_MODULE_NOT_FOUND', files: { 'packages/netsmart/package.json': manifest((value) => { value.files = ['src']; }) } },
  { fault: 'an export that CJS lacks', says: 'core does not export graphOf', files: { [dist('index.cjs')]: append('delete exports.graphOf;') } },
  { fault: 'code that the oldest Node does not know', says: 'Promise.try is not a function', files: { [dist('index.js')]: append('Promise.try(() => 0);') } },
  { fault: 'a type that CJS consumers cannot find', says: "Cannot find name 'Absent'", files: { [dist('index.d.cts')]: append('export declare const planted: Absent;') } },
];

/**
 * By check. Faults in one inner list are planted together, and each has to be named.
 *
 * @type {Record<string, Fault[][]>}
 */
export const faultsOf = {
  lint: [lintFaults],
  types: [typeFaults, [testTypeFault]],
  borders: [borderFaults, [newcomer]],
  unused: unusedFaults.map((fault) => [fault]),
  build: buildFaults.map((fault) => [fault]),
  publint: publintFaults.map((fault) => [fault]),
  attw: attwFaults.map((fault) => [fault]),
  api: apiFaults.map((fault) => [fault]),
  size: sizeFaults.map((fault) => [fault]),
  pack: packFaults.map((fault) => [fault]),
};
