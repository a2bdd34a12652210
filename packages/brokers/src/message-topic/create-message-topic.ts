import { createResource } from './create-resource.ts';
import type { TopicServer } from './create-resource.ts';
import { messageBroker, messageTopic } from './message-broker.ts';
import { accessPolicy, clientApplication, topicSubscription } from './subscription-channel.ts';
import type { AccessGrant } from './subscription-channel.ts';

/** A broker and a topic to be made known to a server. */
export interface NewMessageTopic {
  /** The broker, or the id of one that the server knows. */
  readonly broker: { readonly name: string; readonly host: string } | { readonly id: string };
  /** The broker's name for the topic, which has to be there: the server creates none. */
  readonly topicId: string;
}

/**
 * Makes a topic known to a server.
 *
 * @returns the ids of the resources; messages are posted to that of the MessageTopic.
 * @throws {MessagingError} `transport.status`, `transport.failed`, `reply.invalid`. @throws the signal's own reason.
 * @example const { topicId } = await createMessageTopic({ broker: { name: 'events', host: 'kafka:9092' }, topicId: 'referrals' }, server);
 */
export async function createMessageTopic({ broker, topicId }: NewMessageTopic, server: TopicServer): Promise<{ readonly brokerId: string; readonly topicId: string }> {
  const brokerId = 'id' in broker ? broker.id : await createResource(messageBroker(broker), server);
  return { brokerId, topicId: await createResource(messageTopic(topicId, brokerId), server) };
}

/** A Subscription to be tied to a topic. */
export interface SubscriptionToTie {
  /** The id of the MessageTopic. */
  readonly topicId: string;
  /** The search whose matches are posted, such as `Patient`. */
  readonly criteria: string;
  /** @defaultValue 'Matches go to a message topic' */
  readonly reason?: string | undefined;
  /** The client that the server posts as; it is created. */
  readonly client: { readonly name: string; readonly secret: string };
  /** What that client may do: no more than to post to this topic. */
  readonly grant: AccessGrant;
}

/**
 * Has a server post a Subscription's matches to a topic: creates the client that it posts as, that client's policy, and the Subscription.
 *
 * The server posts at most once: it forgets what it could not post, and an answer of 400 or more turns the Subscription off.
 *
 * @throws {MessagingError} `transport.status`, `transport.failed`, `reply.invalid`. @throws the signal's own reason. Resources that were created before stay.
 */
export async function tieSubscription(tie: SubscriptionToTie, server: TopicServer): Promise<{ readonly clientId: string; readonly policyId: string; readonly subscriptionId: string }> {
  const { topicId, criteria, reason = 'Matches go to a message topic', client, grant } = tie;
  const clientId = await createResource(clientApplication(client.name, client.secret), server);
  const policyId = await createResource(accessPolicy(client.name, clientId, grant), server);
  const subscription = topicSubscription({ criteria, reason, baseUrl: server.baseUrl, topicId, clientId, secret: client.secret });
  return { clientId, policyId, subscriptionId: await createResource(subscription, server) };
}
