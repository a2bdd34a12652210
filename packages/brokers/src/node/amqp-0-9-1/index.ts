export { amqpTransport } from './amqp-transport.ts';
export type { AmqpTransport, AmqpTransportOptions } from './amqp-transport.ts';
export { amqpReceiver } from './amqp-receiver.ts';
export type { AmqpConsumption, AmqpReceiverOptions } from './amqp-receiver.ts';
export { declareQueues } from './queues.ts';
export type { QueueOptions } from './queues.ts';
export type { Route } from './confirmed-publisher.ts';
export type { RabbitConnection, RabbitConsumer, RabbitConsumerOptions, RabbitEnvelope, RabbitMessage, RabbitPublisher, RabbitQueue } from './rabbit-connection.ts';
