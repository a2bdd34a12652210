import { mavenJars } from '../maven-jars.ts';

/** The folder with the jars of Apache Kafka, of the version in `pom.xml`. @throws {Error} where Java or Maven is missing, or fails. */
export function kafkaJars(): string {
  return mavenJars('kafka', new URL('pom.xml', import.meta.url));
}
