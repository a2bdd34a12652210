import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { fhirRoutes } from './fhir-routes.ts';
import type { FhirRoutesContext } from './fhir-routes.ts';
import type { Connection, FetchApp } from './listen.ts';
import { outcome } from './outcome.ts';
import { isLoopbackHost } from '../launch/authorization-request.ts';
import { authorizationRoutes } from '../launch/authorization-routes.ts';
import type { TokenIssuing } from '../launch/token-request.ts';
import { ehrRoutes } from '../page/ehr-routes.ts';
import { managerRoutes } from '../page/manager-routes.ts';
import type { ManagerRoutesContext } from '../page/manager-routes.ts';

/** The parts that the routes need. */
export type AppContext = TokenIssuing & FhirRoutesContext & ManagerRoutesContext;

/** All routes of a sandbox; apps of any origin may call the FHIR server and the authorization server. */
export function createApp(context: AppContext): FetchApp {
  const app = new Hono<{ Bindings: Connection }>();
  // Somebody else's host name that resolves to this machine would let their page in (DNS rebinding).
  app.use(async (c, next) => (isLoopbackHost(new URL(c.req.url).hostname) ? next() : outcome(421, 'forbidden', 'The sandbox answers to localhost and 127.0.0.1 only.')));
  for (const path of ['/fhir/*', '/auth/*']) {
    app.use(path, cors({ origin: (origin) => origin, credentials: true, exposeHeaders: ['retry-after', 'location', 'www-authenticate', 'x-request-id', 'x-correlation-id'] }));
  }
  app.route('/fhir', fhirRoutes(context));
  app.route('/auth', authorizationRoutes(context));
  app.route('/manager', managerRoutes(context));
  app.route('/', ehrRoutes(context));
  app.notFound(() => outcome(404, 'not-found', 'There is nothing here.'));
  app.onError((error) => (error instanceof HTTPException ? outcome(error.status, 'forbidden', 'Only the pages of this sandbox may do this.') : outcome(500, 'exception', 'The sandbox could not answer.')));
  return { fetch: (request, connection) => app.fetch(request, connection) };
}
