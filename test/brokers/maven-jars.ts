import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Below node_modules, which git ignores and which lasts as long as what else was installed. */
const caches: string = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/**
 * The folder with the jars that a `pom.xml` beside the caller asks for, of the version of its first dependency, from Maven Central, fetched once.
 *
 * @throws {Error} where Java or Maven is missing, or fails.
 */
export function mavenJars(name: string, pom: URL): string {
  const file = fileURLToPath(pom);
  const version = /<dependency>[^]*?<version>([^<]+)</.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const cache = join(caches, name);
  const jars = join(cache, version);
  execFileSync('java', ['-version'], { stdio: 'ignore' });
  if (!existsSync(jars)) {
    mkdirSync(cache, { recursive: true });
    const fetched = mkdtempSync(join(cache, 'fetching-'));
    // A terminal in the background would stop Maven; without an input it never asks.
    execFileSync('mvn', ['--quiet', '--batch-mode', '--file', file, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${fetched}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(fetched, jars);
  }
  return jars;
}
