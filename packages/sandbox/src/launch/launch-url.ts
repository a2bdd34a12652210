import { isLoopbackUrl } from './authorization-request.ts';

/**
 * The URL that launches an app from the EHR.
 *
 * @throws {TypeError} for an app that is not on this machine.
 * @see {@link https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch} EHR launch
 */
export function launchUrl(appUrl: string, iss: string, launch: string): string {
  if (!isLoopbackUrl(appUrl)) {
    throw new TypeError('The sandbox launches apps of this machine only: http or https on localhost or 127.0.0.1.');
  }
  const url = new URL(appUrl);
  url.searchParams.set('iss', iss);
  url.searchParams.set('launch', launch);
  return url.href;
}
