import { MessagingError } from '@fhir-messaging/core';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './is-public-address.ts';

/** An IP address, and whether it is IPv4 or IPv6. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Gives the addresses of a host name. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Resolves names as the operating system does. */
export const resolveBySystem: ResolveName = (hostname) => lookup(hostname, { all: true });

/** The error for a reply that would go where it must not. */
export function addressRefused(reason: string): MessagingError {
  return new MessagingError('address.refused', reason, { delivery: 'no' });
}

/**
 * A lookup that gives a connection the very addresses that were checked: the name is not resolved a second time.
 *
 * A name is refused if any of its addresses is not public.
 */
export function checkedLookup(resolve: ResolveName): LookupFunction {
  return (hostname, { all }, done) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
          done(addressRefused('The name of the host leads to an address that is not public.'), '');
        } else if (all === true) {
          done(null, addresses.map(({ address, family }) => ({ address, family })));
        } else {
          done(null, first.address, first.family);
        }
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error('The name of the host was not resolved.'), '');
      },
    );
  };
}
