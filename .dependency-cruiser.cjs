// Who may import whom. Type-only imports count: a floor that holds only at run time is no floor.
const { readdirSync } = require('node:fs');

/** What each package may know of the others. */
const borders = {
  core: [],
  netsmart: ['core'],
  receiver: ['core'],
  outbox: ['core'],
  storage: ['core'],
  'react-hooks': ['core'],
  fhirclient: ['core'],
  medplum: ['core', 'receiver'],
  brokers: ['core', 'receiver'],
  sandbox: ['core', 'netsmart', 'receiver'],
};

const newcomers = readdirSync(`${__dirname}/packages`).filter((name) => !(name in borders));
if (newcomers.length > 0) throw new Error(`Say in ${__filename} what these packages may know: ${newcomers.join(', ')}`);

/** Core, from the ground up: a file imports its own floor and those below. */
const floors = ['fhir', 'errors', 'reference', 'graph', 'event', 'message', 'exchange', 'client'];

const tests = '\\.test(-d)?\\.tsx?$';
const within = (names) => `^packages/core/src/(${names.join('|')})(/|\\.ts$)`;

const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const floorRules = floors.slice(0, -1).map((floor, level) =>
  error(`core-floor-${floor}`, 'Core imports downwards only.', { path: within([floor]) }, { path: within(floors.slice(level + 1)) }),
);

const borderRules = Object.entries(borders).map(([name, known]) =>
  error(`border-${name}`, `${name} may know: ${known.join(', ') || 'nobody'}.`, { path: `^packages/${name}/` }, { path: `^packages/(?!(${[name, ...known].join('|')})/)` }),
);

module.exports = {
  forbidden: [
    error('no-cycle', 'Types included.', {}, { circular: true }),
    error('no-unresolved', 'An import that nobody declares, or that the other package does not export.', {}, { couldNotResolve: true }),
    error('no-undeclared', 'Declare it in the package that imports it. Only vitest belongs to the whole workspace.', {}, { pathNot: 'node_modules/vitest/', dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),

    ...floorRules,
    error('index-is-for-others', 'Inside, import the file.', { path: '^packages/[^/]+/src/', pathNot: `^packages/[^/]+/src/[^/]+${tests}` }, { path: '^packages/[^/]+/src/index\\.ts$', dependencyTypes: ['local'] }),
    error('core-immer-in-one-file', 'Edits alone use immer.', { path: '^packages/core/src/', pathNot: [tests, '^packages/core/src/graph/update-entry\\.ts$'] }, { path: 'node_modules/immer/' }),
    error('core-nothing-else', 'At run time core is immer and itself, on any platform.', { path: '^packages/core/src/', pathNot: tests }, { pathNot: ['^packages/core/', 'node_modules/immer/', 'node_modules/@types/fhir/'] }),
    error('core-fhir-types-only', 'There is nothing of @types/fhir at run time.', { path: '^packages/core/src/', pathNot: tests }, { path: 'node_modules/@types/fhir/', dependencyTypesNot: ['type-only'] }),

    ...borderRules,
    error('packages-meet-at-exports', 'Import the package by its name.', { path: '^(packages/[^/]+|test|bench|examples/[^/]+)/' }, { path: '^packages/', pathNot: '^$1/', dependencyTypes: ['local'] }),
    error('packages-know-no-users', 'Tests, benchmarks and examples use packages, never the other way.', { path: '^packages/' }, { path: '^(test|bench|examples)/' }),
  ],
  options: {
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['@fhir-messaging/source', 'import', 'types', 'default'], exportsFields: ['exports'], mainFields: ['module', 'main', 'types'] },
    doNotFollow: { path: 'node_modules' },
    // What was built, and the stranger that check:pack installs the tarballs for.
    exclude: { path: ['^packages/[^/]+/dist/', '^test/pack/consumer/'] },
  },
};
