import { Hono } from 'hono';
import type { Chart } from '../chart/chart.ts';
import type { Connection } from '../http/listen.ts';
import { outcome } from '../http/outcome.ts';
import { isLoopbackUrl } from '../launch/authorization-request.ts';
import type { Grants } from '../launch/grants.ts';
import { launchUrl } from '../launch/launch-url.ts';
import type { Addresses } from '../launch/smart-configuration.ts';
import { ehrPage, framePage } from './ehr-page.ts';
import { liveScript } from './live-script.ts';
import { pageResponse } from './page-response.ts';
import { style } from './style.ts';

/** The parts of the EHR's routes. */
export interface EhrRoutesContext extends Addresses {
  readonly chart: Chart;
  readonly grants: Grants;
}

/** The EHR: chooses a patient and launches an app, in this tab or in a frame whose page is of another site. */
export function ehrRoutes({ origin, baseUrl, chart, grants }: EhrRoutesContext): Hono<{ Bindings: Connection }> {
  const routes = new Hono<{ Bindings: Connection }>();
  routes.get('/', () => pageResponse(ehrPage(chart.seeds, baseUrl)));
  routes.get('/launch', (c) => {
    const { app = '', user = '', patient = '', visit, frame } = c.req.query();
    if (!isLoopbackUrl(app)) {
      return outcome(400, 'value', 'The launch URL has to be an http or https URL on this machine.');
    }
    const url = launchUrl(app, baseUrl, grants.startLaunch({ user, patient, encounter: visit === undefined ? undefined : `${patient}-visit` }));
    // `localhost` and 127.0.0.1 are two sites to a browser, as an EHR and its apps are.
    return c.redirect(frame === undefined ? url : `${origin.replace('//127.0.0.1', '//localhost')}/frame?${new URLSearchParams({ url }).toString()}`, 303);
  });
  routes.get('/frame', (c) => {
    const { url = '' } = c.req.query();
    return isLoopbackUrl(url) ? pageResponse(framePage(url)) : outcome(400, 'value', 'The URL has to be one on this machine.');
  });
  routes.get('/page.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  routes.get('/live.js', (c) => c.body(liveScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  return routes;
}
