import { toIssues } from '@fhir-messaging/core';
import type { Issue, Message, OwnCheck } from '@fhir-messaging/core';
import { validateResource } from '@medplum/core';
import type { ValidatorOptions } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { checkEach } from './in-message.ts';

/**
 * Checks a message's resources by Medplum's validator, here, without a server; `indexStructureDefinitionBundle` first tells it what FHIR is.
 *
 * It knows no `urn:` references, which is how resources in a message refer to each other: that warning is left out.
 */
export function medplumCheck(options?: ValidatorOptions): OwnCheck {
  return (message: Message) => checkEach(message, (resource) => issuesOf(resource as Resource, options).filter(({ diagnostics = '' }) => !/Invalid reference.*urn:/.test(diagnostics)));
}

/** It gives warnings back, and throws where there is an error. */
function issuesOf(resource: Resource, options: ValidatorOptions | undefined): readonly Issue[] {
  try {
    return toIssues({ resourceType: 'OperationOutcome', issue: validateResource(resource, options) });
  } catch (error) {
    return toIssues(error);
  }
}
