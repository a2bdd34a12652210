import type { MedplumClientLike } from './medplum-client.ts';

/**
 * The client, or a copy of a frozen one, whose own fetch would fail where it has to note a rate limit: after the server has had the message. A copy
 * of a class's client renews no token; a client whose methods are its own keeps its state elsewhere.
 */
export function writable(medplum: MedplumClientLike): MedplumClientLike;
export function writable(medplum: object): object {
  return Object.isFrozen(medplum) ? { __proto__: Reflect.getPrototypeOf(medplum), refreshIfExpired: () => undefined, ...medplum } : medplum;
}
