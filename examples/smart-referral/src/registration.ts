/** What the app is registered as, and where: the one file to change for an EHR of your own. */
export const registration = {
  clientId: 'smart-referral',
  scope: 'launch launch/patient openid fhirUser offline_access patient/*.read user/Messaging.write',
  /** The FHIR servers that may launch the app, besides those on this machine. */
  servers: [] as readonly string[],
};

/** Whether the app may be launched on a server: anybody can write a link that names another one. */
export function isRegistered(serverUrl: string): boolean {
  const url = URL.parse(serverUrl);
  return url !== null && (registration.servers.includes(serverUrl) || ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname));
}
