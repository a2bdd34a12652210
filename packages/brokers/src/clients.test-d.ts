import type { Connection } from 'rabbitmq-client';
import type { create_container } from 'rhea';
import { describe, expectTypeOf, it } from 'vitest';
import type { amqpReceiver, amqpTransport, declareQueues, RabbitConnection } from './node/amqp-0-9-1/index.ts';
import type * as amqp1 from './node/amqp-1-0/index.ts';

type RheaConnection = ReturnType<ReturnType<typeof create_container>['connect']>;

describe('the ports', () => {
  it("fit rabbitmq-client's connection, without a cast", () => {
    expectTypeOf<Connection>().toExtend<RabbitConnection>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof amqpTransport>[0]>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof amqpReceiver>[0]>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof declareQueues>[0]>();
  });

  it("fit rhea's connection, without a cast", () => {
    expectTypeOf<RheaConnection>().toExtend<amqp1.RheaConnection>();
    expectTypeOf<RheaConnection>().toExtend<Parameters<typeof amqp1.amqpTransport>[0]>();
    expectTypeOf<RheaConnection>().toExtend<Parameters<typeof amqp1.amqpReceiver>[0]>();
  });
});
