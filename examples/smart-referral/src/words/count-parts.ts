import type { BundleGraph } from '@fhir-messaging/core';

/** How many parts a referral has: its envelope, which each message has anew, is none of them. */
export function countParts({ size, header }: BundleGraph): number {
  return header ? size - 1 : size;
}
