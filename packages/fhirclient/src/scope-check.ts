import { missingScopes, tell } from '@fhir-messaging/core';
import type { Message, OwnCheck } from '@fhir-messaging/core';
import { grantedScopes } from './granted-scopes.ts';
import type { SmartClient } from './smart-client.ts';

/** The treatment of a message whose scopes were not granted. */
export interface ScopeCheckOptions {
  /**
   * Whether the message is not sent. By default there is a warning only, since servers do not name all scopes that they granted. @defaultValue false
   */
  readonly required?: boolean | undefined;
  /** Is told before the message is sent, with the scopes of which any one would do. What it throws is ignored. */
  readonly onMissing?: ((missing: readonly string[], message: Message) => void) | undefined;
}

/**
 * A check for `createMessenger` that looks at the scopes of the message's event (rule `scope.missing`): it warns; only with `required` the message is
 * not sent (`message.invalid`).
 *
 * @example createMessenger({ transport, check: scopeCheck(client, { onMissing: (missing) => banner(missing) }) })
 */
export function scopeCheck(client: SmartClient, { required = false, onMissing }: ScopeCheckOptions = {}): OwnCheck {
  return (message) => {
    const missing = message.event === undefined ? [] : missingScopes(grantedScopes(client), message.event);
    if (missing.length === 0) {
      return [];
    }
    tell([() => onMissing?.(missing, message)], undefined);
    const diagnostics = `No scope of this event was granted: ${missing.join(', ')}.`;
    return [{ severity: required ? 'error' : 'warning', code: 'forbidden', rule: 'scope.missing', diagnostics }];
  };
}
