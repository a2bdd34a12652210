import { Admin, Consumer, ListOffsetTimestamps } from '@platformatic/kafka';

/** Creates topics, of three partitions each, and waits until brokers know them: they hear of it later than they say so. */
export async function createTopics(bootstrapBrokers: string[], ...topics: readonly string[]): Promise<void> {
  const admin = new Admin({ clientId: 'topics', bootstrapBrokers });
  await admin.createTopics({ topics: [...topics], partitions: 3, replicas: -1 });
  await admin.close();
  const consumer = new Consumer({ clientId: 'topics', groupId: 'topics', bootstrapBrokers, retries: 0 });
  for (let tries = 1; ; tries += 1) {
    try {
      await consumer.listOffsets({ topics: [...topics], timestamp: ListOffsetTimestamps.LATEST });
      break;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await consumer.close();
}

/** How many records a topic has. */
export async function countRecords(bootstrapBrokers: string[], topic: string): Promise<number> {
  const consumer = new Consumer({ clientId: 'topics', groupId: 'topics', bootstrapBrokers });
  const ends = await consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST });
  await consumer.close();
  return (ends.get(topic) ?? []).reduce((sum, end) => sum + Number(end), 0);
}
