/** What a consumer of `rabbitmq-client` is answered with, by its `ConsumerStatus`: the message is done. */
export const acknowledge = 0;

/** The message goes back to its queue, and is handed over again. */
export const giveBack = 1;
