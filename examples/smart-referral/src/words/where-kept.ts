import type { OutboxDurability } from '@fhir-messaging/core';

/** Where a message is kept: in an EHR's frame a browser finds it again only in the frame of that same EHR. */
export function whereKept(durability: OutboxDurability): string {
  return durability === 'durable' ? 'on this device' : 'on this device, for this EHR alone';
}
