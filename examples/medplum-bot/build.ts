import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** A VM context, where Medplum runs bots that do not run on Lambda, lacks most of the web's globals; on Lambda they are there, and stay. */
const banner = `for (const [name, value] of Object.entries(require('node:vm').runInThisContext('({ AbortController, Headers, Request, Response, TextDecoder, crypto, fetch, setTimeout, clearTimeout })'))) globalThis[name] ??= value;`;

/** Builds the one file that Medplum deploys. */
export async function buildBot(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('./bot.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['@fhir-messaging/source'],
    banner: { js: banner },
  });
}

if (import.meta.main) await buildBot(fileURLToPath(new URL('./dist/bot.js', import.meta.url)));
