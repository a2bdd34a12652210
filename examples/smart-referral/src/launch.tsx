import FHIR from 'fhirclient';
import { createRoot } from 'react-dom/client';
import { isRegistered, registration } from './registration.ts';
import { LaunchScreen } from './screens/launch-screen.tsx';
import './style.css';

const { searchParams } = new URL(location.href);
const [server, launch] = [searchParams.get('iss'), searchParams.get('launch')];

// fhirclient takes a patient, a client and an open server from the address too, before anything that it is told: none of them is for a link to say.
history.replaceState({}, '', location.pathname);

/** Leaves for the server's sign-in; the patient comes from there, and from nowhere else. */
async function authorize(serverUrl: string): Promise<void> {
  if (!isRegistered(serverUrl)) {
    throw new Error('This app is not registered with that server.');
  }
  const { clientId, scope } = registration;
  await FHIR.oauth2.authorize({ clientId, scope, iss: serverUrl, redirectUri: './', completeInTarget: true, ...(launch !== null && { launch }) });
}

const root = document.getElementById('app');
if (root) createRoot(root).render(<LaunchScreen server={server} authorize={authorize} />);
