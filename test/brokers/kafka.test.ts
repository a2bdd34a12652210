import { inject } from 'vitest';
import { brokerContract } from './broker-contract.ts';
import { kafkaUnderContract } from './kafka/kafka-under-contract.ts';

const broker = inject('kafkaBroker');

brokerContract('Kafka', broker === '' ? undefined : () => kafkaUnderContract(broker));
