import type { BundleGraph, Issue, Link, Resource } from '@fhir-messaging/core';

/** The elements that say whom a resource of these messages is about, also in contained resources and inside Parameters. */
const aboutElement = /^[A-Za-z]+(\.contained\[\d+\]|(\.(parameter|part)\[\d+\])+\.resource)*\.(subject|beneficiary|patient|for|individual|candidate)(\[\d+\])?$/;

/** Whom a referral is about. */
const orderSubject = 'ServiceRequest.subject';

/** A Patient's `fullUrl` on a server, whose id counts more than the resource's own. */
const idOnServer = /\/Patient\/([^/]+)$/;

/** Where a reference names a Patient, by whichever URL, and its id there; a query has none. */
const patientReference = /(?:^|\/)Patient(?:\?|\/([^/]+))/g;

/** A reference's `type`, where that is Patient. */
const patientType = /(?:^|\/)Patient$/;

/**
 * A referral is about the message's Patient, to whose entry its `subject` leads, and so is every other resource about a patient (rule
 * `netsmart.patient`): somebody else's Condition would tell of the wrong person. A patient outside the message is somebody else, unless the id is the
 * same, of which `reference.near-miss` warns. So is a patient named by an identifier alone, in a system in which the message's Patient has only others.
 *
 * Not looked at: a message without a Patient or a ServiceRequest, which its contract refuses; outside the ServiceRequest, a subject that is only
 * described, or named by an identifier alone in a system in which the Patient has none; an identifier beside a reference; other people who are named,
 * since a Coverage may have another person's name on it; and resources in a contained Bundle, whose references mean its own entries.
 */
export function isAboutItsPatient(graph: BundleGraph<Resource>): readonly Issue[] {
  const patient = graph.entries.find(({ resource }) => resource?.resourceType === 'Patient');
  if (patient === undefined) {
    return [];
  }
  const id = idOnServer.exec(patient.key)?.[1] ?? patient.resource?.id;
  const known = listIn(patient.resource, 'identifier').flatMap(identifierOf);
  const order = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest');
  return graph.entries.flatMap(({ key }, position) => {
    const links = graph.linksFrom(key);
    const others = links.filter((link) => aboutElement.test(link.path) && (link.reference === undefined ? isAnother(identifierAt(link, graph), known) : leadsToAnother(link, id, graph)));
    const isOrderOfAnother = key === order?.key && !links.some(({ path, target }) => path === orderSubject && target === patient.key);
    const paths = new Set([...(isOrderOfAnother ? [orderSubject] : []), ...others.map(({ path }) => path)]);
    return [...paths].map(
      (path): Issue => ({
        severity: 'error',
        code: 'conflict',
        rule: 'netsmart.patient',
        expression: [`Bundle.entry[${position}].resource${path.slice(path.indexOf('.'))}`],
        diagnostics: "This is not for certain about the message's Patient: refer to the entry that holds it.",
      }),
    );
  });
}

/** Whether a link leads to another patient: an entry is the message's one Patient, or none; a `urn:` without an entry counts as another. */
function leadsToAnother(link: Link, id: string | undefined, graph: BundleGraph<Resource>): boolean {
  const { reference = '', kind } = link;
  if (kind === 'contained') {
    return memberIn(containedAt(link, graph), 'resourceType') === 'Patient';
  }
  if (kind === 'entry') {
    return false;
  }
  if (kind === 'unresolved' && reference.startsWith('urn:')) {
    return true;
  }
  const named = [...reference.matchAll(patientReference)];
  return named.length > 0 ? named.some(([, other]) => other === undefined || other !== id) : isPatientByType(link, graph);
}

/** An identifier of a person; it names nobody for certain where its system or its value is missing. */
interface Identifier {
  readonly system: string;
  readonly value: string;
}

function isAnother([said]: readonly Identifier[], known: readonly Identifier[]): boolean {
  const ofSystem = known.filter(({ system }) => system === said?.system);
  return ofSystem.length > 0 && ofSystem.every(({ value }) => value !== said?.value);
}

function identifierOf(value: unknown): readonly Identifier[] {
  const system = memberIn(value, 'system');
  const own = memberIn(value, 'value');
  return typeof system === 'string' && typeof own === 'string' ? [{ system, value: own }] : [];
}

function identifierAt(link: Link, graph: BundleGraph<Resource>): readonly Identifier[] {
  return identifierOf(memberIn(valueAt(link, graph), 'identifier'));
}

/** The resource that `#id` names at a link: contained in the entry's resource, or in the one inside Parameters that has the link. */
function containedAt({ from, path, reference }: Link, graph: BundleGraph<Resource>): unknown {
  const [inParameters = ''] = /^.*\.resource(?=\.)/.exec(path) ?? [];
  const holder = valueAt({ from, path: inParameters }, graph);
  return reference === '#' ? holder : listIn(holder, 'contained').find((resource) => memberIn(resource, 'id') === reference?.slice(1));
}

function isPatientByType(link: Link, graph: BundleGraph<Resource>): boolean {
  const type = memberIn(valueAt(link, graph), 'type');
  return typeof type === 'string' && patientType.test(type);
}

/** The value at a path in an entry, such as `Observation.contained[0].subject`; the resource itself for an empty path. */
function valueAt({ from, path }: Pick<Link, 'from' | 'path'>, graph: BundleGraph<Resource>): unknown {
  const [, ...steps] = path.match(/[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>(memberIn, graph.get(from));
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = memberIn(value, name);
  return Array.isArray(list) ? list : [];
}

function memberIn(value: unknown, name: string): unknown {
  const members: readonly (readonly [string, unknown])[] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return members.find(([own]) => own === name)?.[1];
}
