import { memoryOutboxStore } from '@fhir-messaging/outbox';
import { outboxStoreContract } from './outbox-store-contract.ts';

outboxStoreContract('memory', () => {
  let time = 1_700_000_000_000;
  const store = memoryOutboxStore(() => time);
  return { store, elsewhere: store, pass: (ms) => void (time += ms), stop: () => undefined };
});
