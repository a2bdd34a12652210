import { fhirResponse, outcome } from '../http/outcome.ts';
import { isJsonObject } from '../json-object.ts';
import { grantOfRequest, insufficientScope } from '../launch/bearer.ts';
import type { Grants } from '../launch/grants.ts';
import { accessOf, allowedBy } from '../launch/scopes.ts';
import type { Interaction } from '../launch/scopes.ts';
import { asSeen } from './as-seen.ts';
import type { Chart, ChartMethod } from './chart.ts';
import { concernsOnly } from './patient-access.ts';

/** The parts that answer a REST request. */
export interface RestContext {
  readonly chart: Chart;
  readonly grants: Grants;
  readonly baseUrl: string;
  /** A resource that is not in the chart: the referral manager's. */
  readonly elsewhere: (fullUrl: string) => object | undefined;
}

const methods: readonly ChartMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const changes = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;

/**
 * Answers one REST request within the scopes of its token.
 *
 * @see {@link https://hl7.org/fhir/R4/http.html} RESTful API
 */
export async function answerRest(request: Request, path: string, { chart, grants, baseUrl, elsewhere }: RestContext): Promise<Response> {
  const method = methods.find((name) => name === request.method);
  const [type = ''] = /^[A-Za-z]+/.exec(path) ?? [];
  if (method === undefined || type === '') {
    return outcome(method === undefined ? 405 : 404, 'not-supported', 'The sandbox has no such interaction.');
  }
  const grant = grantOfRequest(request, grants);
  if (grant instanceof Response) {
    return grant;
  }
  const interaction = interactionOf(method, path);
  const by = allowedBy(grant.scope, type, interaction);
  if (by === undefined) {
    return insufficientScope(`user/${type}.${accessOf(interaction)}`);
  }
  // The result of a patch is known only when it is stored: it could be another patient's.
  if (by === 'patient' && method === 'PATCH') {
    return insufficientScope(`user/${type}.write`);
  }
  const isForm = method === 'POST' && interaction === 'search';
  const body = await readBody(request, isForm);
  if (body instanceof Response) {
    return body;
  }
  const isVisible = (resource: unknown): boolean => by === 'user' || concernsOnly(grant.patient, resource);
  if (body !== undefined && !isForm && !isVisible(body)) {
    return insufficientScope(`user/${type}.write`);
  }
  const isChange = method === 'PUT' || method === 'PATCH' || method === 'DELETE';
  if (isChange && !isVisible((await chart.request('GET', path)).resource)) {
    return insufficientScope(`user/${type}.write`);
  }
  const { search } = new URL(request.url);
  const answer = await chart.request(method, `${path}${search}`, body);
  const found = answer.status === 404 && method === 'GET' ? elsewhere(`${baseUrl}/${path}`) : undefined;
  const resource: unknown = found ?? answer.resource;
  if (!isJsonObject(resource)) {
    return outcome(500, 'exception', 'The chart gave no resource.');
  }
  const status = found ? 200 : answer.status;
  if (resource['resourceType'] === 'Bundle') {
    return fhirResponse(status, asSeen(resource, baseUrl, by, isVisible));
  }
  return isVisible(resource) ? fhirResponse(status, resource) : insufficientScope(`user/${type}.read`);
}

function interactionOf(method: ChartMethod, path: string): Interaction {
  if (method === 'GET') {
    return /^[A-Za-z]+\/?$/.test(path) ? 'search' : 'read';
  }
  return method === 'POST' && /^[A-Za-z]+\/_search$/.test(path) ? 'search' : changes[method];
}

async function readBody(request: Request, isForm: boolean): Promise<object | undefined | Response> {
  const text = await request.text();
  if (text === '' || isForm) {
    return isForm ? Object.fromEntries(new URLSearchParams(text)) : undefined;
  }
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) || Array.isArray(body) ? body : outcome(400, 'structure', 'The body has to be a resource.');
  } catch {
    return outcome(400, 'structure', 'The body is not JSON.');
  }
}
