import { MessagingError } from '@fhir-messaging/core';
import type { OperationOutcome, Resource } from '@medplum/fhirtypes';
import { indexDefinitions } from './definitions.ts';
import { patients } from './patients.ts';
import { practice } from './practice.ts';
import { questionnaire } from './referral-needs.ts';

/** The chart's answer to a request. */
interface ChartAnswer {
  readonly status: number;
  readonly resource: Resource | OperationOutcome;
}

/** The patients' records: FHIR R4 REST over a repository in memory. */
export interface Chart {
  /** The resource types in the chart. */
  readonly types: readonly Resource['resourceType'][];
  /** The resources that the chart began with. */
  readonly seeds: readonly Resource[];
  /** One REST interaction; the path is relative to the base. */
  request(method: ChartMethod, path: string, body?: unknown): Promise<ChartAnswer>;
}

/** The methods of FHIR's REST. */
export type ChartMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const seeds: readonly Resource[] = [...practice, questionnaire, ...patients];
const types = [...new Set(seeds.map(({ resourceType }) => resourceType))];

/**
 * Opens a chart with synthetic patients.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22, which Medplum's libraries do not load on.
 */
export async function openChart(): Promise<Chart> {
  if (typeof globalThis.WebSocket === 'undefined') {
    throw new MessagingError('platform.unsupported', 'The sandbox needs Node 22.18 or newer.');
  }
  const [{ getStatus, isOk }, { FhirRouter, makeSimpleRequest, MemoryRepository }] = await Promise.all([import('@medplum/core'), import('@medplum/fhir-router'), indexDefinitions(types)]);
  const repository = new MemoryRepository();
  const router = new FhirRouter();
  for (const resource of seeds) {
    // A copy, since the repository keeps the object: two sandboxes share nothing.
    await repository.createResource(structuredClone(resource), { assignedId: true });
  }
  return {
    types,
    seeds,
    async request(method, path, body) {
      const [outcome, resource] = await router.handleRequest(makeSimpleRequest(method, path, body), repository);
      return { status: getStatus(outcome), resource: isOk(outcome) && resource !== undefined ? resource : outcome };
    },
  };
}
