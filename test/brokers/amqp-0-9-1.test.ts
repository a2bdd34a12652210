import { inject } from 'vitest';
import { brokerContract } from './broker-contract.ts';
import { rabbit091 } from './rabbitmq-091.ts';

const url = inject('rabbitUrl');
const on = (type: 'classic' | 'quorum') => (url === '' ? undefined : () => rabbit091(url, type));

brokerContract('AMQP 0-9-1, classic queues', on('classic'));
brokerContract('AMQP 0-9-1, quorum queues', on('quorum'));
