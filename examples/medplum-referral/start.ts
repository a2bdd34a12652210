// Starts a sandbox and the app beside it, says where to click, and stops on Ctrl-C.
import { createSandbox } from '@fhir-messaging/sandbox';
import { createServer } from 'vite';

const sandbox = await createSandbox();
const app = await createServer({ root: import.meta.dirname, clearScreen: false, logLevel: 'warn' });
await app.listen();
const [url = ''] = app.resolvedUrls?.local ?? [];

console.log(`
A small EHR, a referral manager and the app are up, for this machine only. Click:

  The app, launched for Amy Shaw   ${sandbox.launch(url, { patient: 'amy-shaw' })}
  Referral manager                 ${sandbox.managerUrl}

For another patient, launch ${url} from the EHR: ${sandbox.ehrUrl}
Ctrl-C stops all of it, and forgets everything.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void Promise.all([app.close(), sandbox.close()]).then(() => console.log('Stopped.')));
}
