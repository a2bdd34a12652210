import { startOwnRabbit } from '../../test/brokers/rabbitmq-server.ts';
import type { RabbitServer } from '../../test/brokers/rabbitmq-server.ts';

/** A RabbitMQ of one row's own. @throws {Error} where none is installed. */
export async function rabbitForBench(): Promise<RabbitServer> {
  const server = await startOwnRabbit();
  if (server === undefined) throw new Error('No RabbitMQ to measure.');
  return server;
}
