// The public surface of every entry, as text: packages/<name>/etc/<entry>.api.md. Fails when it drifted; `--update` writes it anew.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { publishedPackages } from './published-packages.mjs';

const update = process.argv.includes('--update');
const scratch = mkdtempSync(join(tmpdir(), 'api-report-'));

/** @returns {boolean} whether the report says what was built */
function report(folder, { name, types }) {
  const etc = join(folder, 'etc');
  mkdirSync(etc, { recursive: true });

  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'], types: [], strict: true, skipLibCheck: true },
          files: [types],
        },
      },
      apiReport: { enabled: true, includeForgottenExports: true, reportFileName: `${name}.api.md`, reportFolder: etc, reportTempFolder: scratch },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // Until the first release, everything that index.ts lists is public.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
          // What a public type is made of need not be public: the report shows it, and says so.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
        },
        // eslint-plugin-jsdoc reads the comments.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });

  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel === ExtractorLogLevel.Verbose || message.logLevel === ExtractorLogLevel.None || message.messageId.startsWith('console-');
    },
  });
  const drifted = result.apiReportChanged && !update;
  console.log(`${name}: ${drifted ? 'drifted; look at the difference, then run `pnpm api`' : result.apiReportChanged ? 'written' : 'as reported'}`);
  return result.succeeded && !drifted;
}

const verdicts = publishedPackages().flatMap(({ folder, entries }) => entries.map((entry) => report(folder, entry)));
rmSync(scratch, { recursive: true });
if (verdicts.includes(false)) process.exitCode = 1;
