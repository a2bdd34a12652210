/** Where the sandbox is: its origin, and the base of its FHIR server. */
export interface Addresses {
  /** Such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** The FHIR base URL, which a SMART launch calls `iss`. */
  readonly baseUrl: string;
}

/**
 * The metadata at `[base]/.well-known/smart-configuration`.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/conformance.html#metadata} SMART metadata
 */
export function smartConfiguration({ origin }: Addresses): object {
  return {
    issuer: origin,
    jwks_uri: `${origin}/auth/jwks`,
    authorization_endpoint: `${origin}/auth/authorize`,
    token_endpoint: `${origin}/auth/token`,
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [
      'openid',
      'fhirUser',
      'launch',
      'launch/patient',
      'launch/encounter',
      'offline_access',
      'online_access',
      'patient/*.read',
      'user/*.read',
      'user/*.write',
      'patient/Messaging.write',
      'user/Messaging.write',
    ],
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-symmetric',
      'sso-openid-connect',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'context-standalone-encounter',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}
