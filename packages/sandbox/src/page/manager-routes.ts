import { Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { streamSSE } from 'hono/streaming';
import type { Changes } from '../changes.ts';
import { isFaultKind } from '../faults/fault.ts';
import type { FaultSwitches } from '../faults/fault-switches.ts';
import type { Connection } from '../http/listen.ts';
import { outcome } from '../http/outcome.ts';
import type { ArrivalLog } from '../referrals/arrival-log.ts';
import type { ReferralManager } from '../referrals/referral-manager.ts';
import { arrivalPage } from './arrival-page.ts';
import { managerPage } from './manager-page.ts';
import { pageResponse } from './page-response.ts';
import { referralPage } from './referral-page.ts';

/** The parts of the referral manager's routes. */
export interface ManagerRoutesContext {
  readonly manager: ReferralManager;
  readonly arrivals: ArrivalLog;
  readonly faults: FaultSwitches;
  readonly changes: Changes;
  readonly closing: AbortSignal;
}

/** The referral manager's pages, their switches, and the events that keep them up to date. */
export function managerRoutes({ manager, arrivals, faults, changes, closing }: ManagerRoutesContext): Hono<{ Bindings: Connection }> {
  const routes = new Hono<{ Bindings: Connection }>();
  routes.use(csrf());
  routes.get('/', () => pageResponse(managerPage({ referrals: [...manager.referrals.values()], arrivals: arrivals.arrivals, faults: faults.active })));
  routes.get('/referral', (c) => {
    const referral = manager.referrals.get(c.req.query('url') ?? '');
    return referral === undefined ? outcome(404, 'not-found', 'There is no such referral.') : pageResponse(referralPage(referral));
  });
  routes.get('/request/:number', (c) => {
    const arrival = arrivals.arrivals.find(({ number }) => number === Number(c.req.param('number')));
    return arrival === undefined ? outcome(404, 'not-found', 'There is no such request.') : pageResponse(arrivalPage(arrival));
  });
  routes.post('/faults', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const [kind, times, seconds] = [form.get('kind'), form.get('times'), Number(form.get('seconds') ?? '')];
    if (!isFaultKind(kind)) {
      return outcome(400, 'value', 'There is no such fault.');
    }
    faults.switchOn({ kind, times: times === 'always' ? Infinity : Number(times ?? '1'), delayMs: seconds * 1000, retryAfterSeconds: seconds });
    return c.redirect('/manager', 303);
  });
  routes.post('/faults/off', async (c) => {
    const kind = new URLSearchParams(await c.req.text()).get('kind');
    if (isFaultKind(kind)) faults.switchOff(kind);
    return c.redirect('/manager', 303);
  });
  routes.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const gone = new AbortController();
      const ended = AbortSignal.any([gone.signal, closing]);
      stream.onAbort(() => gone.abort());
      changes.watch(() => void stream.writeSSE({ event: 'change', data: '' }), ended);
      await stream.writeSSE({ event: 'change', data: '' });
      await new Promise<void>((resolve) => {
        if (ended.aborted) resolve();
        ended.addEventListener('abort', () => resolve(), { once: true });
      });
    }),
  );
  return routes;
}
