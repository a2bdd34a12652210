import { describe, expect, it } from 'vitest';
import { plainAddress, rabbit3Address, rabbit4Address } from './queue-address.ts';

describe('how a broker addresses a queue', () => {
  it.each([
    ['orders', '/queues/orders'],
    ['fhir.replies.1', '/queues/fhir.replies.1'],
    ['a/b', '/queues/a%2Fb'],
    ['50% off?', '/queues/50%25%20off%3F'],
    ['größe', '/queues/gr%C3%B6%C3%9Fe'],
  ])('RabbitMQ 4, "AMQP Address v2": %s is %s: /queues/ and the name, percent-encoded by RFC 3986 (rabbitmq.com/docs/amqp#address-v2)', (queue, address) => {
    expect(rabbit4Address(queue)).toBe(address);
  });

  it.each([
    ['orders', '/amq/queue/orders'],
    ['a/b', '/amq/queue/a%2Fb'],
  ])("RabbitMQ 3 with its plugin: %s, which is there already, is %s (the plugin's README, Routing and Addressing)", (queue, address) => {
    expect(rabbit3Address(queue)).toBe(address);
  });

  it('ActiveMQ Artemis: the name of the queue is its address', () => {
    expect(plainAddress('orders')).toBe('orders');
  });
});
