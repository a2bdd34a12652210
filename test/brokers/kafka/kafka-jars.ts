import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pom: string = fileURLToPath(new URL('pom.xml', import.meta.url));
/** Below node_modules, which git ignores and which lasts as long as what else was installed. */
const cache: string = fileURLToPath(new URL('../../../node_modules/.cache/kafka', import.meta.url));

/** The folder with the jars of Apache Kafka: of the version in `pom.xml`, from Maven Central, fetched once. @throws {Error} where Java or Maven is missing, or fails. */
export function kafkaJars(): string {
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(readFileSync(pom, 'utf8'))?.[1] ?? '';
  const jars = join(cache, version);
  execFileSync('java', ['-version'], { stdio: 'ignore' });
  if (!existsSync(jars)) {
    mkdirSync(cache, { recursive: true });
    const fetched = mkdtempSync(join(cache, 'fetching-'));
    // A terminal in the background would stop Maven; without an input it never asks.
    execFileSync('mvn', ['--quiet', '--batch-mode', '--file', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${fetched}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(fetched, jars);
  }
  return jars;
}
