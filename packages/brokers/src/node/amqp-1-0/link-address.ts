import type { MessagingError } from '@fhir-messaging/core';
import { withResolvers } from '../../exchange/with-resolvers.ts';

/** The address of a receiving link, as the broker confirms it. */
export interface LinkAddress {
  /** The address, once it is confirmed; rejects where the broker closes the link instead. */
  readonly confirmed: () => Promise<string>;
  readonly confirm: (address: string) => void;
  /** The address was made up for a connection that is gone. Who waits for one that nobody has confirmed yet waits for the next. */
  readonly forget: () => void;
  readonly refuse: (refusal: MessagingError) => void;
}

/** An address that is not known yet. */
export function linkAddress(): LinkAddress {
  let awaited = unhandled();
  let isKnown = false;
  return {
    confirmed: () => awaited.promise,
    confirm(address) {
      isKnown = true;
      awaited.resolve(address);
    },
    forget() {
      if (isKnown) awaited = unhandled();
      isKnown = false;
    },
    refuse: (refusal) => awaited.reject(refusal),
  };
}

/** A promise whose rejection nobody has to handle. */
function unhandled(): ReturnType<typeof withResolvers<string>> {
  const awaited = withResolvers<string>();
  awaited.promise.catch(() => undefined);
  return awaited;
}
