import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { Connection } from 'rabbitmq-client';
import { place } from './broker.ts';
import type { Broker } from './broker.ts';

/** RabbitMQ. The two processes know nothing of it but this. */
export function rabbitBroker(url: string): Broker {
  const connection = new Connection(url);
  connection.on('error', (error) => console.error(String(error)));
  return {
    prepare: () => declareQueues(connection, { queue: place }),
    send: () => Promise.resolve(amqpTransport(connection, { to: place })),
    receive: (receiver) => Promise.resolve(amqpReceiver(connection, receiver, { queue: place, replyTargets: ['fhir.replies.*'] })),
    close: () => connection.close(),
  };
}
