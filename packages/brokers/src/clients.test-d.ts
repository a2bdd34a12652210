import { Connection } from 'rabbitmq-client';
import rhea from 'rhea';
import { describe, expectTypeOf, it } from 'vitest';
import { amqpReceiver, amqpTransport, declareQueues } from './node/amqp-0-9-1/index.ts';
import type { RabbitConnection } from './node/amqp-0-9-1/index.ts';
import * as amqp1 from './node/amqp-1-0/index.ts';

describe('the ports', () => {
  it("fit rabbitmq-client's connection, without a cast", () => {
    expectTypeOf<Connection>().toExtend<RabbitConnection>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof amqpTransport>[0]>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof amqpReceiver>[0]>();
    expectTypeOf<Connection>().toExtend<Parameters<typeof declareQueues>[0]>();
  });

  it("fit rhea's connection, without a cast", () => {
    expectTypeOf(rhea.create_container().connect).returns.toExtend<amqp1.RheaConnection>();
    expectTypeOf(rhea.create_container().connect).returns.toExtend<Parameters<typeof amqp1.amqpTransport>[0]>();
    expectTypeOf(rhea.create_container().connect).returns.toExtend<Parameters<typeof amqp1.amqpReceiver>[0]>();
  });
});
