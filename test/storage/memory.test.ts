import { memoryCache } from '@fhir-messaging/receiver';
import { reliableCacheContract } from './reliable-cache-contract.ts';

reliableCacheContract('memoryCache', () => {
  let time = 0;
  const cache = memoryCache({ now: () => time });
  return {
    cache,
    elsewhere: cache,
    pass: (ms) => {
      time += ms;
    },
    stop: () => undefined,
  };
}, false);
