import type { ExchangeRow } from './exchange-row.ts';
import { flowOf } from './flow.ts';
import type { Flow, Outgoing } from './flow.ts';

/** A broker with two queues, one for each side: what publishes a message to it, and resolves when the broker confirmed; both are consumed from. */
export interface BrokerUnderBench {
  readonly ours: (outgoing: Outgoing) => Promise<unknown>;
  readonly bare: (outgoing: Outgoing) => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
}

const senders = 32;
const messages = 300;
const answers = 50;

/** A row through a broker: a messenger and a receiver, against the bare client with the same kind of receiver. Started for the row, and stopped after it. */
export function brokerRow(name: string, bareSide: string, open: (flow: Flow) => Promise<BrokerUnderBench>): ExchangeRow {
  return {
    name: `broker.${name}`,
    protocol: `A messenger and a receiver over the broker; bare is ${bareSide}, whose consumer hands the body to the same kind of receiver. The same bytes on the same broker, in its own process; ${senders} senders, each the next message when it has its confirmation; until the last is handled. One process for both sides. A message of 20 entries has 11 kB; it is created and written before. Bar: 0.8 of the bare throughput.`,
    bars: { 20: 1 / 0.8 },
    async prepare(input) {
      const flow = flowOf(input, senders);
      const broker = await open(flow);
      const countOf = async (publish: BrokerUnderBench['ours']): Promise<number> => {
        flow.prepare(answers);
        await flow.run(publish);
        return flow.handled();
      };
      return {
        messages,
        ours: () => flow.run(broker.ours),
        bare: () => flow.run(broker.bare),
        before: () => flow.prepare(messages),
        answers: 2 * answers,
        right: async () => (await countOf(broker.ours)) + (await countOf(broker.bare)),
        stop: () => broker.stop(),
      };
    },
  };
}
