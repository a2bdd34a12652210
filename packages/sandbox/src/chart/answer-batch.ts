import { fhirResponse, outcome } from '../http/outcome.ts';
import { isJsonObject, objectsIn } from '../json-object.ts';
import type { JsonObject } from '../json-object.ts';
import { grantOfRequest } from '../launch/bearer.ts';
import { answerRest } from './answer-rest.ts';
import type { RestContext } from './answer-rest.ts';

const maxEntries = 200;

/**
 * Answers a batch of reads and searches, each as if it had come by itself, within the same scopes.
 *
 * @see {@link https://hl7.org/fhir/R4/http.html#transaction} batch
 */
export async function answerBatch(request: Request, context: RestContext): Promise<Response> {
  const grant = grantOfRequest(request, context.grants);
  if (grant instanceof Response) {
    return grant;
  }
  const bundle: unknown = await request.json().catch(() => undefined);
  if (!isJsonObject(bundle) || bundle['resourceType'] !== 'Bundle' || bundle['type'] !== 'batch') {
    return outcome(400, 'structure', 'The body has to be a Bundle of type batch.');
  }
  const asked = objectsIn(bundle['entry']);
  if (asked.length > maxEntries) {
    return outcome(413, 'too-costly', `A batch has ${maxEntries} entries at most.`);
  }
  const entry = await Promise.all(asked.map(async (each) => answerOf(await answerEntry(each, request, context))));
  return fhirResponse(200, { resourceType: 'Bundle', type: 'batch-response', entry });
}

async function answerEntry(entry: JsonObject, { headers }: Request, context: RestContext): Promise<Response> {
  const { method, url } = isJsonObject(entry['request']) ? entry['request'] : {};
  if (method !== 'GET' || typeof url !== 'string') {
    return outcome(405, 'not-supported', 'A batch of the sandbox reads and searches, by GET.');
  }
  const base = `${context.baseUrl}/`;
  const target = URL.parse(url, base);
  if (target === null || !target.href.startsWith(base)) {
    return outcome(400, 'value', 'The URL of an entry is one on this server.');
  }
  return answerRest(new Request(target, { headers: { authorization: headers.get('authorization') ?? '' } }), target.href.slice(base.length).replace(/\?.*$/s, ''), context);
}

async function answerOf(response: Response): Promise<object> {
  const resource: unknown = await response.json();
  const status = String(response.status);
  return response.ok ? { resource, response: { status } } : { response: { status, outcome: resource } };
}
