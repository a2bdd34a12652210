import { isJsonObject, objectsIn } from '../json-object.ts';
import type { JsonObject } from '../json-object.ts';

/** A Bundle of the visible resources, each under its URL on this server; without `total` where that would count resources of others too. */
export function asSeen(bundle: JsonObject, baseUrl: string, by: 'user' | 'patient', isVisible: (resource: unknown) => boolean): object {
  const { entry: all, total, ...rest } = bundle;
  const found = objectsIn(all);
  const seen = found.filter(({ resource }) => isVisible(resource));
  const totalSeen = by === 'user' ? total : total === countMatches(found) ? countMatches(seen) : undefined;
  const entry = seen.map((each): JsonObject => ({ ...fullUrlOf(each['resource'], baseUrl), ...each }));
  return { ...rest, ...(totalSeen !== undefined && { total: totalSeen }), ...(entry.length > 0 && { entry }) };
}

function countMatches(entries: readonly JsonObject[]): number {
  return entries.filter(({ search }) => !isJsonObject(search) || search['mode'] !== 'include').length;
}

function fullUrlOf(resource: unknown, baseUrl: string): object {
  const [type, id] = isJsonObject(resource) ? [resource['resourceType'], resource['id']] : [];
  return typeof type === 'string' && typeof id === 'string' ? { fullUrl: `${baseUrl}/${type}/${id}` } : {};
}
