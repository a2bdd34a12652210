import type { Chart } from '../chart/chart.ts';
import type { LaunchContext } from './grants.ts';

/** The references of a launch; a user is of the types that `fhirUser` may be of (SMART App Launch). */
const reference = /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson|Person|Encounter)\/[A-Za-z0-9.-]{1,64}$/;

/** Makes sure that the people of a sign-in, and its encounter, are in the chart. @throws {TypeError} with what is there. */
export async function requireInChart({ user, patient, encounter }: LaunchContext, chart: Chart): Promise<void> {
  const isThere = async (name: string): Promise<boolean> => reference.test(name) && (await chart.request('GET', name)).status === 200;
  const idsOf = (type: string): readonly string[] => chart.seeds.flatMap((resource) => (resource.resourceType === type ? [resource.id ?? ''] : []));

  if (/^Encounter/.test(user) || !(await isThere(user))) {
    const users = idsOf('Practitioner').map((id) => `Practitioner/${id}`);
    throw new TypeError(`signIn: user is a reference to somebody in the chart, such as ${users.join(', ')}.`);
  }
  if (patient !== undefined && !(await isThere(`Patient/${patient}`))) {
    throw new TypeError(`signIn: patient is the bare id of a Patient in the chart, such as ${idsOf('Patient').join(', ')}.`);
  }
  if (encounter !== undefined && !(await isThere(`Encounter/${encounter}`))) {
    throw new TypeError(`signIn: encounter is the bare id of an Encounter in the chart, such as ${idsOf('Encounter').join(', ')}.`);
  }
}
