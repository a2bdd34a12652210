/** The FHIR server that launched the app, and where its tokens come from. */
export interface SmartServer {
  /** The FHIR base URL. */
  readonly iss: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
}

/**
 * Asks a FHIR server where one signs in.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/conformance.html} SMART configuration
 */
export async function findSmartServer(iss: string): Promise<SmartServer> {
  const response = await fetch(`${iss}/.well-known/smart-configuration`, { headers: { accept: 'application/json' } });
  if (!response.ok) {
    throw new Error(`This server does not say how to sign in (${response.status}).`);
  }
  const { authorization_endpoint, token_endpoint } = (await response.json()) as { readonly authorization_endpoint: string; readonly token_endpoint: string };
  return { iss, authorizeUrl: authorization_endpoint, tokenUrl: token_endpoint };
}
