import { clientId, openClient, redirectUri } from './open-client.ts';
import { findSmartServer } from './smart-server.ts';
import type { SmartServer } from './smart-server.ts';

const scope = 'launch openid fhirUser online_access patient/*.read patient/Messaging.write';
const launchedFrom = 'launched from';

/** Sends the browser to the EHR's authorization server, with `state` and PKCE of MedplumClient's own. A launch ends the tab's session. */
export async function launch(iss: string, token: string | null): Promise<never> {
  const server = await findSmartServer(iss.replace(/\/+$/, ''));
  const { medplum, storage } = openClient(server, () => undefined);
  storage.clear();
  sessionStorage.setItem(launchedFrom, JSON.stringify(server));
  const { codeChallenge, codeChallengeMethod } = await medplum.startPkce();
  const url = new URL(server.authorizeUrl);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: storage.getString('pkceState') ?? '',
    aud: server.iss,
    code_challenge: codeChallenge,
    code_challenge_method: codeChallengeMethod,
    ...(token !== null && { launch: token }),
  }).toString();
  location.assign(url);
  return new Promise(() => undefined);
}

/** The server that this tab was launched from. */
export function launchServer(): SmartServer | undefined {
  const text = sessionStorage.getItem(launchedFrom);
  return text === null ? undefined : (JSON.parse(text) as SmartServer);
}
