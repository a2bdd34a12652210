/** The part of a connection of `rabbitmq-client` that this binding uses: the least that its `Connection` has. */
export interface RabbitConnection {
  createPublisher(options: { readonly confirm: true; readonly maxAttempts: 1 }): RabbitPublisher;
  createConsumer(options: RabbitConsumerOptions, handler: (message: RabbitMessage) => Promise<number>): RabbitConsumer;
  queueDeclare(queue: RabbitQueue): Promise<unknown>;
  queueDelete(queue: string): Promise<unknown>;
  /** Whether there is a connection, and the broker has not blocked it. */
  readonly ready: boolean;
  /** Tells of each connection that is made, the first one and those after a loss. */
  on(name: 'connection', listener: () => void): unknown;
}

/** A publisher with confirms. */
export interface RabbitPublisher {
  send(envelope: RabbitEnvelope, body: Uint8Array): Promise<void>;
  on(name: 'basic.return', listener: (message: RabbitEnvelope) => void): unknown;
  close(): Promise<void>;
}

/** A consumer; its errors need a listener, or they end the process. */
export interface RabbitConsumer {
  on(name: 'error', listener: (error: unknown) => void): unknown;
  close(): Promise<void>;
}

/** How a consumer is made. */
export interface RabbitConsumerOptions {
  readonly queue: string;
  readonly concurrency: number;
  readonly qos: { readonly prefetchCount: number };
  readonly queueOptions: RabbitQueue;
}

/** A queue as it is declared. */
export interface RabbitQueue {
  queue?: string;
  durable?: boolean;
  passive?: boolean;
  arguments?: Record<string, string | number | boolean>;
}

/** A message's fields. */
export interface RabbitEnvelope {
  exchange?: string;
  routingKey?: string;
  mandatory?: boolean;
  durable?: boolean;
  contentType?: string;
  contentEncoding?: string;
  messageId?: string;
  correlationId?: string;
  type?: string;
  replyTo?: string;
  timestamp?: number;
  appId?: string;
  priority?: number;
  headers?: Record<string, unknown>;
}

/** A message that was handed over. */
export interface RabbitMessage extends RabbitEnvelope {
  readonly body: unknown;
  readonly redelivered?: boolean;
}
