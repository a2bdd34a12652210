/** How a broker addresses a queue by its name. */
export type QueueAddress = (queue: string) => string;

/** A queue's name is its address: ActiveMQ Artemis, Azure Service Bus, Qpid. */
export const plainAddress: QueueAddress = (queue) => queue;

/** RabbitMQ 3 with its AMQP 1.0 plugin: a queue that is there already. `/queue/` would declare one that is not durable. */
export const rabbit3Address: QueueAddress = (queue) => `/amq/queue/${encodeURIComponent(queue)}`;

/** RabbitMQ 4, whose AMQP 1.0 is its own: addresses of the second version. */
export const rabbit4Address: QueueAddress = (queue) => `/queues/${encodeURIComponent(queue)}`;
