import { memoryPendingStore } from '@fhir-messaging/core';
import { pendingStoreContract } from './pending-store-contract.ts';

pendingStoreContract('memory', () => Promise.resolve({ store: memoryPendingStore() }));
