export { amqpTransport } from './amqp-transport.ts';
export type { AmqpTransport, AmqpTransportOptions } from './amqp-transport.ts';
export { amqpReceiver } from './amqp-receiver.ts';
export type { AmqpConsumption, AmqpReceiverOptions } from './amqp-receiver.ts';
export { plainAddress, rabbit3Address, rabbit4Address } from './queue-address.ts';
export type { QueueAddress } from './queue-address.ts';
export type { RheaConnection, RheaDelivery, RheaLink, RheaMessage, RheaOutcome, RheaReceiver, RheaReceiverOptions, RheaSender, RheaSenderOptions, RheaSent, RheaSession } from './rhea-connection.ts';
