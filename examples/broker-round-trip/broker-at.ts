import type { Broker } from './broker.ts';
import { kafkaBroker } from './kafka-broker.ts';
import { rabbitBroker } from './rabbit-broker.ts';

/** The broker at an URL: `kafka://host:port` or `amqp://user:password@host:port`. */
export function brokerAt(url: string): Broker {
  const { protocol, host } = new URL(url);
  return protocol === 'kafka:' ? kafkaBroker(host) : rabbitBroker(url);
}
