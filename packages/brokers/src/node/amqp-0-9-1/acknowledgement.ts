/** The `ConsumerStatus` of `rabbitmq-client` for a message that is done. */
export const acknowledge = 0;

/** The `ConsumerStatus` for a message that goes back to its queue, and is handed over again. */
export const giveBack = 1;
