import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Packages read one another's source: no test needs a build.
// The others are Vite's own defaults, which a list of one's own replaces.
const conditions = ['@fhir-messaging/source', 'module', 'node', 'development|production'];

// .ci/run names a folder and a suite, and counts what it finds there.
const { REPORTS, SUITE } = process.env;

/** Where the React of a version is installed. */
const reacts = { 'react-18': 'test/react-18', 'react-19': 'test' };

/** The tests of the hooks, on one version of React: for them, for the hooks and for what else imports it. */
const onReact = (name: keyof typeof reacts) => ({
  extends: true as const,
  resolve: { alias: [{ find: /^(react|react-dom|@tanstack\/react-query)(?=\/|$)/, replacement: fileURLToPath(new URL(`${reacts[name]}/node_modules/$1`, import.meta.url)) }] },
  test: { name, include: ['test/hooks/**/*.test.{ts,tsx}'], setupFiles: ['test/hooks/dom.ts'] },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A bound for what hangs, and no measure: a machine may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Vitest leaves one core free, and so works on one file at a time where there are two; most of these wait more than they work.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: REPORTS === undefined ? ['default'] : ['default', ['json', { outputFile: `${REPORTS}/${SUITE ?? 'test'}.json` }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/brokers/**', 'test/browser/**', 'test/faults/**', 'test/hooks/**', 'test/pack/**', 'test/storage/postgres*.test.ts'],
          // One run of tsc over the whole program: a type error anywhere fails the run, each type test is counted.
          typecheck: { enabled: true, include: ['packages/*/src/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
        },
      },
      onReact('react-18'),
      onReact('react-19'),
      {
        extends: true,
        test: {
          name: 'faults',
          // Its servers and processes have the machine to themselves.
          maxWorkers: 1,
          include: ['test/faults/**/*.test.ts', 'test/storage/postgres*.test.ts'],
          globalSetup: ['test/storage/postgres-setup.ts'],
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'brokers',
          // Its servers and processes have the machine to themselves.
          maxWorkers: 1,
          include: ['test/brokers/**/*.test.ts'],
          globalSetup: ['test/brokers/rabbitmq-setup.ts', 'test/brokers/kafka-setup.ts', 'test/storage/postgres-setup.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
