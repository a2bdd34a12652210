import { defineConfig } from 'vitest/config';

// Packages read one another's source: no test needs a build.
// The others are Vite's own defaults, which a list of one's own replaces.
const conditions = ['@fhir-messaging/source', 'module', 'node', 'development|production'];

// .ci/run names a folder and a suite, and counts what it finds there.
const { REPORTS, SUITE } = process.env;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: REPORTS === undefined ? ['default'] : ['default', ['json', { outputFile: `${REPORTS}/${SUITE ?? 'test'}.json` }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/browser/**', 'test/faults/**', 'test/pack/**', 'test/storage/postgres*.test.ts'],
          // One run of tsc over the whole program: a type error anywhere fails the run, each type test is counted.
          typecheck: { enabled: true, include: ['packages/*/src/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts', 'test/storage/postgres*.test.ts'],
          globalSetup: ['test/storage/postgres-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
});
