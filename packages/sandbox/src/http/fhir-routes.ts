import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { answerBatch } from '../chart/answer-batch.ts';
import { answerRest } from '../chart/answer-rest.ts';
import type { Chart } from '../chart/chart.ts';
import { metadata } from '../chart/metadata.ts';
import type { Grants } from '../launch/grants.ts';
import { smartConfiguration } from '../launch/smart-configuration.ts';
import type { Addresses } from '../launch/smart-configuration.ts';
import { answerMessage } from '../referrals/answer-message.ts';
import type { MessageContext } from '../referrals/answer-message.ts';
import type { ReferralManager } from '../referrals/referral-manager.ts';
import type { Connection } from './listen.ts';
import { fhirResponse } from './outcome.ts';

/** The parts of the FHIR server's routes. */
export interface FhirRoutesContext extends Addresses, Omit<MessageContext, 'receiver'> {
  readonly chart: Chart;
  readonly grants: Grants;
  readonly manager: ReferralManager;
}

/** The FHIR server: its metadata, its messages, and the chart. */
export function fhirRoutes(context: FhirRoutesContext): Hono<{ Bindings: Connection }> {
  const { chart, grants, manager, baseUrl } = context;
  const { receiver } = manager;
  const routes = new Hono<{ Bindings: Connection }>();
  routes.get('/.well-known/smart-configuration', (c) => c.json(smartConfiguration(context), 200, { 'cache-control': 'no-store' }));
  routes.get('/metadata', () => fhirResponse(200, metadata(receiver.capabilityStatement(), chart.types, context)));
  routes.all('/$process-message', async (c) => {
    const answer = await answerMessage(c.req.raw, { ...context, receiver });
    if (answer === undefined) {
      breakOff(c.env, c.req.header('origin'));
      return RESPONSE_ALREADY_SENT;
    }
    return answer;
  });
  const rest = { chart, grants, baseUrl, elsewhere: (fullUrl: string) => manager.resourceAt(fullUrl) };
  routes.all('/*', (c) => {
    const path = new URL(c.req.url).pathname.replace(/^\/fhir\/?/, '');
    return path === '' && c.req.method === 'POST' ? answerBatch(c.req.raw, rest) : answerRest(c.req.raw, path, rest);
  });
  return routes;
}

/**
 * Loses an answer in its middle. After its head, since Chromium would send a request without any answer again by itself, on a connection that it kept.
 * The head has CORS headers, so that the page sees a lost answer, and not one that it has no right to.
 */
function breakOff({ outgoing }: Connection, origin: string | undefined): void {
  const shared = origin === undefined ? {} : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
  outgoing.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': '1000', ...shared });
  outgoing.write('{', () => outgoing.destroy());
}
