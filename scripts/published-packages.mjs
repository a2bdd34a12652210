import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = '@fhir-messaging/source';

/**
 * The packages under packages/, with the entries that their manifests export.
 *
 * @returns {{ folder: string, manifest: any, entries: { name: string, types: string }[] }[]}
 */
export function publishedPackages(root = process.cwd()) {
  return readdirSync(join(root, 'packages')).map((name) => {
    const folder = join(root, 'packages', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entries = Object.entries(manifest.exports)
      .filter(([, target]) => target[SOURCE] !== undefined)
      .map(([path, target]) => ({ name: path === '.' ? name : `${name}-${path.slice('./'.length)}`, types: target.import.types }));
    return { folder, manifest, entries };
  });
}
