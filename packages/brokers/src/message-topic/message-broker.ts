/** A broker that a FHIR server writes to: a resource of IGUHealth's. */
export interface MessageBroker {
  readonly resourceType: 'MessageBroker';
  readonly id?: string | undefined;
  readonly name: string;
  /** `host:port`, which the server takes as it is, for the one broker that it asks first. */
  readonly host: string;
  /** Kafka alone: the product's documentation speaks of AMQP too, but its code does not know it. */
  readonly type: 'kafka';
  /** Required by the resource's definition, but not read by the server. */
  readonly security: { readonly type: string; readonly username?: string | undefined; readonly password?: string | undefined };
}

/** A topic of such a broker. */
export interface MessageTopic {
  readonly resourceType: 'MessageTopic';
  readonly id?: string | undefined;
  /** The broker's name for the topic. */
  readonly topicId: string;
  readonly broker: { readonly reference: string };
}

/** A broker, as the server takes it. */
export function messageBroker({ name, host }: Pick<MessageBroker, 'name' | 'host'>): MessageBroker {
  return { resourceType: 'MessageBroker', name, host, type: 'kafka', security: { type: 'none' } };
}

/** A topic of a broker that is there already. */
export function messageTopic(topicId: string, brokerId: string): MessageTopic {
  return { resourceType: 'MessageTopic', topicId, broker: { reference: `MessageBroker/${brokerId}` } };
}
