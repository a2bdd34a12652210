// Starts a sandbox and the app beside it, says where to click, and stops on Ctrl-C.
import { createSandbox } from '@fhir-messaging/sandbox';
import { createServer } from 'vite';

const sandbox = await createSandbox();
const app = await createServer({ root: import.meta.dirname, clearScreen: false, logLevel: 'warn' });
await app.listen();

const [origin = ''] = app.resolvedUrls?.local ?? [];
const launchPage = new URL('launch.html', origin).href;
const fromEhr = (more: Record<string, string>): string =>
  `${sandbox.ehrUrl}launch?${new URLSearchParams({ app: launchPage, user: 'Practitioner/nadia-holm', patient: 'amy-shaw', visit: 'yes', ...more }).toString()}`;

console.log(`
A small EHR, a referral manager and the app are up, for this machine only. Click:

  The app, opened by the EHR     ${fromEhr({})}
  The same, inside the EHR       ${fromEhr({ frame: 'yes' })}
  The app, started by itself     ${launchPage}?${new URLSearchParams({ iss: sandbox.baseUrl }).toString()}

  The referral manager, with switches for what can go wrong
                                 ${sandbox.managerUrl}
  The EHR, to choose another patient; the launch URL is ${launchPage}
                                 ${sandbox.ehrUrl}

Ctrl-C stops all of it, and forgets everything.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([app.close(), sandbox.close()]).then(() => {
      console.log('Stopped.');
    });
  });
}
