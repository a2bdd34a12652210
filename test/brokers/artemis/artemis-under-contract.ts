import { amqpReceiver, amqpTransport } from '@fhir-messaging/brokers/amqp-1-0';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Connection, EventContext, Receiver, Source } from 'rhea';
import { closed, connect, names, next, rawOf, send } from '../bare-amqp-1-0.ts';
import type { BrokerUnderContract } from '../broker-contract.ts';
import { startArtemis } from './artemis-broker.ts';

/** Apache ActiveMQ Artemis by AMQP 1.0: a queue's name is its address (`plainAddress`), and reply queues are made up by the broker (`dynamic`). */
export async function artemisUnderContract(jars: string): Promise<BrokerUnderContract> {
  const broker = await startArtemis(jars);
  const connection = await connect(broker.url);
  const attributeOf = await management(connection);
  return {
    names,
    async open() {
      const queue = `contract.${randomUUID()}`;
      return {
        transport: async ({ replies, ...choice }) => amqpTransport(connection, { to: queue, ...choice, replies: replies && 'dynamic' }),
        receive: async (receiver, { mayReply = true, ...choice } = {}) => amqpReceiver(connection, receiver, { queue, retryDelaysMs: [1], replyTargets: mayReply ? () => true : [], ...choice }),
        publish: (message) => send(connection, queue, message),
        take: async () => rawOf(await next(connection, queue)),
        async takeDead() {
          const message = await next(connection, `${queue}.dead`);
          return { ...rawOf(message), outcome: String(message.application_properties?.['fhir-error-outcome']) };
        },
        count: async () => (await attributeOf(queue, 'MessageCount')) - (await attributeOf(queue, 'DeliveringCount')),
        close: () => Promise.resolve(),
      };
    },
    async close() {
      await closed(connection);
      await broker.stop();
    },
  };
}

/** Asks the broker about its queues, by messages as its documents have them; of one that is not there yet it says 0. */
async function management(connection: Connection): Promise<(queue: string, attribute: string) => Promise<number>> {
  const sender = connection.open_sender({ target: { address: 'activemq.management' } });
  const answers: Receiver = connection.open_receiver({ source: { dynamic: true } as Source });
  await once(answers, 'receiver_open');
  return async (queue, attribute) => {
    sender.send({ reply_to: answers.source.address, application_properties: { _AMQ_ResourceName: `queue.${queue}`, _AMQ_Attribute: attribute }, body: '[]' });
    const [{ message }] = (await once(answers, 'message')) as [EventContext];
    return message?.application_properties?.['_AMQ_OperationSucceeded'] === true ? Number(JSON.parse(message.body)[0]) : 0;
  };
}
