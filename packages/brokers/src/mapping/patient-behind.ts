import type { Message, Resource } from '@fhir-messaging/core';
import { firstIn, member, textIn } from './json.ts';

/** The elements that name whom a resource is about, in R4 and R5. */
const aboutSomebody = /^[A-Za-z]+\.(subject|patient|beneficiary|for|individual|candidate)(\[\d+\])?$/;

const patientReference = /(^|\/)(Patient\/[A-Za-z0-9\-.]{1,64})(\/_history\/|$)/;

/**
 * The name of the patient behind the first focus: an identifier (the first in alphabetical order), else the `Patient/id` that refers to them. Messages
 * that name the patient alike have the same name here; one with an identifier that comes before, or with none, has another. `undefined` where there is
 * no such name, as for a patient with a fresh UUID alone.
 */
export function patientBehind({ graph }: Message): string | undefined {
  const [resource] = graph.focus;
  const entry = resource && graph.entries.find((candidate) => candidate.resource === resource);
  if (entry === undefined) {
    return undefined;
  }
  if (isPatient(resource)) {
    return nameOf(resource, entry.fullUrl);
  }
  const links = graph.linksFrom(entry.key);
  const isPerson = ({ target, reference }: (typeof links)[number]): boolean => {
    const known = target === undefined ? undefined : graph.entries.find(({ key }) => key === target)?.resource;
    return known === undefined ? patientReference.test(reference ?? '') : isPatient(known);
  };
  const persons = links.filter(isPerson);
  const link = persons.find(({ path }) => aboutSomebody.test(path)) ?? persons[0];
  const target = graph.entries.find(({ key }) => key === link?.target);
  return link && nameOf(target?.resource, target?.fullUrl ?? link.reference);
}

function isPatient(resource: Resource | undefined): boolean {
  return resource?.resourceType === 'Patient';
}

function nameOf(patient: unknown, url: string | undefined): string | undefined {
  return identifierOf(patient) ?? patientReference.exec(url ?? '')?.[2];
}

function identifierOf(patient: unknown): string | undefined {
  const identifiers = firstIn(patient, 'identifier') === undefined ? [] : member(patient, 'identifier');
  const names = (Array.isArray(identifiers) ? identifiers : []).flatMap((identifier) => {
    const [system, value] = [textIn(identifier, 'system'), textIn(identifier, 'value')];
    return system === undefined || value === undefined ? [] : [`${system}|${value}`];
  });
  return names.sort()[0];
}
