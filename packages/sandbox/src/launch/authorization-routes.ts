import { Hono } from 'hono';
import type { Chart } from '../chart/chart.ts';
import type { Connection } from '../http/listen.ts';
import { authorizePage, refusalPage } from '../page/authorize-page.ts';
import { answerUrl, readAuthorizationRequest } from './authorization-request.ts';
import type { AuthorizationRefusal, AuthorizationRequest } from './authorization-request.ts';
import type { LaunchContext } from './grants.ts';
import { scopesIn } from './scopes.ts';
import { answerTokenRequest } from './token-request.ts';
import type { TokenIssuing } from './token-request.ts';

/** The parts of the authorization server's routes. */
export interface AuthorizationRoutesContext extends TokenIssuing {
  readonly chart: Chart;
}

/**
 * The authorization server. An EHR launch is allowed at once, since user and patient were chosen in the EHR; a standalone launch asks on a
 * page, whose form holds the request: no cookie is set.
 */
export function authorizationRoutes(context: AuthorizationRoutesContext): Hono<{ Bindings: Connection }> {
  const { grants, signer, baseUrl } = context;
  const audience = [baseUrl, baseUrl.replace('//127.0.0.1', '//localhost')];
  const read = (parameters: URLSearchParams): AuthorizationRequest | AuthorizationRefusal => readAuthorizationRequest(parameters, audience);

  /** The code, for the context of a launch as far as its scopes ask for it. */
  const allow = (request: AuthorizationRequest, { user, patient, encounter }: LaunchContext): string => {
    const scopes = scopesIn(request.scope);
    const asks = (what: string): boolean => scopes.includes(`launch/${what}`) || (request.launch !== undefined && scopes.includes('launch'));
    const sees = asks('patient') || scopes.some((scope) => scope.startsWith('patient/'));
    const code = grants.giveCode({ ...request, user, patient: sees ? patient : undefined, encounter: asks('encounter') ? encounter : undefined });
    return answerUrl(request.redirectUri, { code, state: request.state });
  };

  const routes = new Hono<{ Bindings: Connection }>();
  routes.get('/authorize', (c) => {
    const parameters = new URL(c.req.url).searchParams;
    const request = read(parameters);
    if ('error' in request) {
      return refuse(request);
    }
    if (request.launch === undefined) {
      return c.html(authorizePage(parameters, request, context.chart.seeds));
    }
    const launched = grants.launchOf(request.launch);
    return launched === undefined
      ? refuse({ error: 'invalid_request', description: 'This launch is unknown: launch the app from the EHR again.', ...request })
      : redirect(allow(request, launched));
  });
  routes.post('/authorize', async (c) => {
    const parameters = new URLSearchParams(await c.req.text());
    const request = read(parameters);
    if ('error' in request) {
      return refuse(request);
    }
    // An app that posts its request, which SMART allows, is asked like any other.
    const answer = parameters.get('answer');
    if (answer === null) {
      return request.launch === undefined ? c.html(authorizePage(parameters, request, context.chart.seeds)) : redirect(`/auth/authorize?${parameters.toString()}`);
    }
    if (answer !== 'allow') {
      return refuse({ error: 'access_denied', description: 'The user said no.', ...request });
    }
    const patient = parameters.get('patient') ?? undefined;
    return redirect(allow(request, { user: parameters.get('user') ?? '', patient, encounter: patient && `${patient}-visit` }));
  });
  routes.post('/token', async (c) => {
    const answer = await answerTokenRequest(new URLSearchParams(await c.req.text()), c.req.header('authorization') ?? null, context);
    return c.json(answer, 'error' in answer ? 400 : 200, { 'cache-control': 'no-store', pragma: 'no-cache' });
  });
  routes.get('/jwks', (c) => c.json({ keys: signer.keys }));
  return routes;

  /** Tells a refusal to the app, where it is known which one asks; else on a page. */
  function refuse({ error, description, redirectUri, state }: AuthorizationRefusal): Response | Promise<Response> {
    return redirectUri === undefined ? refusalPage(description) : redirect(answerUrl(redirectUri, { error, error_description: description, state }));
  }
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
}
