import type { CapabilityStatementResource } from '@fhir-messaging/receiver';
import { objectsIn } from '../json-object.ts';
import type { Addresses } from '../launch/smart-configuration.ts';

/**
 * The CapabilityStatement at `[base]/metadata`: the receiver's statement of its messages, and the chart's REST with its OAuth addresses.
 *
 * @see {@link https://hl7.org/fhir/R4/capabilitystatement.html} CapabilityStatement
 */
export function metadata(messaging: CapabilityStatementResource, types: readonly string[], { origin }: Addresses): object {
  const [server] = objectsIn(messaging['rest']);
  const interaction = ['read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'create', 'search-type'].map((code) => ({ code }));
  return {
    ...messaging,
    rest: [
      {
        ...server,
        mode: 'server',
        security: {
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [
                { url: 'authorize', valueUri: `${origin}/auth/authorize` },
                { url: 'token', valueUri: `${origin}/auth/token` },
              ],
            },
          ],
          service: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] }],
        },
        resource: types.map((type) => ({ type, interaction })),
        interaction: [{ code: 'batch', documentation: 'Reads and searches.' }],
      },
    ],
  };
}
