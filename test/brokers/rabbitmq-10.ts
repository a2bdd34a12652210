import { declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { amqpReceiver, amqpTransport, rabbit3Address } from '@fhir-messaging/brokers/amqp-1-0';
import { randomUUID } from 'node:crypto';
import { closed, connect, names, next, rawOf, send } from './bare-amqp-1-0.ts';
import type { BrokerUnderContract } from './broker-contract.ts';
import { connect as connect091 } from './rabbitmq-091.ts';

/** RabbitMQ 3 by AMQP 1.0, its plugin; queues are declared by AMQP 0-9-1, since AMQP 1.0 declares none. */
export async function rabbit10(url: string): Promise<BrokerUnderContract> {
  const administration = await connect091(url);
  const connection = await connect(url);
  return {
    names,
    async open() {
      const queue = `contract.${randomUUID()}`;
      await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [1], singleActiveConsumer: true });
      const replyQueues: string[] = [];
      return {
        async transport({ replies, ...choice }) {
          const replyQueue = `fhir.replies.${randomUUID()}`;
          await administration.queueDeclare({ queue: replyQueue, durable: true });
          replyQueues.push(replyQueue);
          return amqpTransport(connection, { to: queue, addressOf: rabbit3Address, ...choice, replies: replies && { queue: replyQueue } });
        },
        receive: async (receiver, { mayReply = true, ...choice } = {}) =>
          amqpReceiver(connection, receiver, {
            queue,
            addressOf: rabbit3Address,
            retryDelaysMs: [1],
            retryQueue: (delayMs) => `${queue}.retry.${delayMs}`,
            replyTargets: mayReply ? [rabbit3Address('fhir.replies.*').replace('%2A', '*')] : [],
            ...choice,
          }),
        publish: (message) => send(connection, rabbit3Address(queue), message),
        take: async () => rawOf(await next(connection, rabbit3Address(queue))),
        async takeDead() {
          const message = await next(connection, rabbit3Address(`${queue}.dead`));
          return { ...rawOf(message), outcome: String(message.application_properties?.['fhir-error-outcome']) };
        },
        async count() {
          const { messageCount } = await administration.queueDeclare({ queue, passive: true });
          return messageCount;
        },
        async close() {
          for (const name of [queue, `${queue}.dead`, `${queue}.retry.1`, ...replyQueues]) await administration.queueDelete(name);
        },
      };
    },
    async close() {
      await closed(connection);
      await administration.close();
    },
  };
}
