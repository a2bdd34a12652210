import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const packages = new URL('../../packages/', import.meta.url);

/** Everything that was built of a package and runs, as one text. */
function builtOf(name: string): string {
  const dist = new URL(`${name}/dist/`, packages);
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(js|cjs)$/.test(file));
  return files.map((file) => readFileSync(new URL(file, dist), 'utf8')).join('\n');
}

/** What only brokers need: their clients, and words that stand in their mapping. */
const ofBrokers = /rabbitmq-client|\brhea\b|@platformatic\/kafka|@fhir-messaging\/brokers|cloudEvents|fhir-bundle-id/;

describe('what was built', () => {
  it.each(readdirSync(packages).filter((name) => name !== 'brokers'))('of %s has nothing of a broker in it', (name) => {
    const built = builtOf(name);
    expect(built.length).toBeGreaterThan(0);
    expect(ofBrokers.exec(built)?.[0]).toBeUndefined();
  });

  it('of brokers loads no client by itself: they are given to it', () => {
    const built = builtOf('brokers');
    expect(built).toMatch(/cloudEvents/);
    expect(built).not.toMatch(/(from|require\(|import\()\s*['"](rabbitmq-client|rhea|@platformatic\/kafka|node:net|node:tls)/);
  });
});
