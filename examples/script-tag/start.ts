import { createSandbox } from '@fhir-messaging/sandbox';
import { servePage } from './serve.ts';

const sandbox = await createSandbox();
const page = await servePage();

console.log(`
The page is up, for this machine only. Click:

  The page, launched for Amy Shaw   ${sandbox.launch(page.url, { patient: 'amy-shaw' })}
  Referral manager                  ${sandbox.managerUrl}

For another patient, launch ${page.url} from the EHR: ${sandbox.ehrUrl}
Ctrl-C stops it, and forgets everything.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void Promise.all([page.stop(), sandbox.close()]).then(() => console.log('Stopped.')));
}
