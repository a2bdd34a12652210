import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';

const program = fileURLToPath(new URL('../../examples/broker-round-trip/round-trip.ts', import.meta.url));

/** The example's one command. */
async function roundTrip(url: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@fhir-messaging/source', program, url], { timeout: 60_000 });
  return stdout.trim().split('\n').sort();
}

describe('the example of a round trip: two processes, one broker', () => {
  const brokers = [
    ['Kafka', inject('kafkaBroker') === '' ? '' : `kafka://${inject('kafkaBroker')}`],
    ['RabbitMQ', inject('rabbitUrl')],
  ] as const;

  for (const [name, url] of brokers) {
    it.skipIf(url === '')(`every referral comes to the manager, and its reply back, twice in a row: ${name}`, async () => {
      for (let run = 0; run < 2; run += 1) {
        expect(await roundTrip(url)).toEqual(
          [
            ...['s1', 's2', 's3'].map((id) => expect.stringMatching(new RegExp(`^app: ${id} was answered ok, as [0-9a-f-]{36}$`))),
            ...['s1', 's2', 's3'].map((id) => `manager: ${id} is taken`),
          ],
        );
      }
    });
  }
});
