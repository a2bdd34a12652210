import { inject } from 'vitest';
import { brokerContract } from './broker-contract.ts';
import { rabbit10 } from './rabbitmq-10.ts';

const url = inject('rabbitUrl');

brokerContract('AMQP 1.0', url === '' ? undefined : () => rabbit10(url));
