import { defineConfig, globalIgnores } from 'eslint/config';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/*.test.tsx', '**/*.test-d.ts'];

/** What is published: packages without their tests. */
const published = { files: ['packages/*/src/**/*.ts'], ignores: tests };

/**
 * Files that may cast, each with its reason: where JSON of unknown shape becomes a typed value, the compiler has to be told
 * what a check at run time, or the caller's own type argument, has already said.
 */
const casts = [];

const catchAll = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'shared', 'types'].map((name) => `**/${name}.*`);

export default defineConfig(
  globalIgnores(['**/dist/**', '**/etc/**', 'test/pack/consumer/**']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.ts'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `const { id: _, ...rest }` is how one leaves something out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // A number reads the same in a sentence as outside it.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `void promise` and arrows that only call are how one says "and nothing comes back".
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // An edit's recipe gives back nothing, or a value: `void | T`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      eqeqeq: 'error',
    },
  },

  {
    ...published,
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 250 }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export it by name.' },
        { selector: "ExportSpecifier[exported.name='default']", message: 'Export it by name.' },
        { selector: 'ExportAllDeclaration', message: 'The public list is written by name.' },
      ],
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'ExportNamedDeclaration > TSInterfaceDeclaration',
            'ExportNamedDeclaration > TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
      'jsdoc/require-description': 'error',
      'jsdoc/check-tag-names': ['error', { typed: true, definedTags: ['defaultValue', 'remarks', 'packageDocumentation', 'typeParam'] }],
      'jsdoc/check-param-names': ['error', { checkDestructured: false, disableMissingParamChecks: true }],
      'jsdoc/no-types': 'error',
    },
  },
  ...casts.map(({ file }) => ({ files: [file], rules: { '@typescript-eslint/consistent-type-assertions': 'off' } })),

  {
    // Tests hand over what the types forbid and read what they have just put there; benchmarks call peers that have no types.
    files: [...tests, '{packages/*/,}test/**/*.{ts,tsx}', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },

  {
    // JavaScript of the tooling, checked by reading; configs must export a default.
    files: ['**/*.mjs', '**/*.cjs'],
    rules: { 'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }], 'no-unused-vars': 'error', 'prefer-const': 'error', eqeqeq: 'error' },
  },

  {
    files: catchAll,
    rules: { 'no-restricted-syntax': ['error', { selector: 'Program', message: 'Name the file for the one thing that it holds.' }] },
  },
  {
    files: ['packages/{core,netsmart,outbox,fhirclient,medplum,react-hooks}/src/**', 'packages/storage/src/indexeddb/**'],
    rules: { 'no-restricted-properties': ['error', { object: 'URL', property: 'canParse', message: "fhirclient's browser build replaces URL by one that does not have it: urlOf." }] },
  },
  {
    files: ['packages/core/src/*/**/index.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: 'Program', message: 'No inner barrels: import the file.' }] },
  },
);
