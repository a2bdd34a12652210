import { MedplumClient } from '@medplum/core';
import type { TokenResponse } from './launch-context.ts';
import type { SmartServer } from './smart-server.ts';
import { TabStorage } from './tab-storage.ts';

/** The app, as the EHR knows it. */
export const clientId = 'medplum-referral';

/** Where the EHR sends the browser back to. */
export const redirectUri = new URL('/', location.href).href;

/** A MedplumClient for any SMART server. */
export function openClient({ iss, authorizeUrl, tokenUrl }: SmartServer, onTokens: (response: TokenResponse) => void): { readonly medplum: MedplumClient; readonly storage: TabStorage } {
  const storage = new TabStorage();
  const medplum = new MedplumClient({
    baseUrl: `${iss}/`,
    fhirUrlPath: '',
    authorizeUrl,
    tokenUrl,
    clientId,
    storage,
    cacheTime: 0,
    // The client takes the tokens of a token response; the patient of the launch, and who signed in, are there as well, and nowhere else.
    fetch: async (url: string, options?: RequestInit) => {
      const response = await fetch(url, options);
      if (url === tokenUrl && response.ok) onTokens((await response.clone().json()) as TokenResponse);
      return response;
    },
  });
  return { medplum, storage };
}
