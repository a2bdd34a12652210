/** The client that posts a Subscription's matches; it signs in with its id and its secret. */
export interface ClientApplication {
  readonly resourceType: 'ClientApplication';
  readonly id?: string | undefined;
  readonly name: string;
  readonly secret: string;
  readonly grantType: readonly ['basic_auth'];
  /** One code, not a list. */
  readonly responseTypes: 'token';
}

/** One rule of a policy. */
export interface AccessRule {
  readonly name: string;
  readonly [element: string]: unknown;
}

/** A client's rights. `full-access` gives it everything on the server: rules are better. */
export type AccessGrant = { readonly engine: 'full-access' } | { readonly engine: 'rule-engine'; readonly rule: readonly AccessRule[] };

/** A policy for one client. */
export type AccessPolicy = AccessGrant & {
  readonly resourceType: 'AccessPolicyV2';
  readonly id?: string | undefined;
  readonly name: string;
  readonly target: readonly [{ readonly link: { readonly reference: string } }];
};

/** A Subscription whose channel posts message Bundles to a topic. */
export interface TopicSubscription {
  readonly resourceType: 'Subscription';
  readonly id?: string | undefined;
  readonly status: 'active';
  readonly reason: string;
  readonly criteria: string;
  readonly channel: { readonly type: 'message'; readonly header: readonly [string]; readonly endpoint: string };
}

/** A client that posts messages. */
export function clientApplication(name: string, secret: string): ClientApplication {
  return { resourceType: 'ClientApplication', name, secret, grantType: ['basic_auth'], responseTypes: 'token' };
}

/** The policy of an existing client. The vendor's published example leaves out the braces around `link`, and is no JSON. */
export function accessPolicy(name: string, clientId: string, grant: AccessGrant): AccessPolicy {
  return { resourceType: 'AccessPolicyV2', name, ...grant, target: [{ link: { reference: `ClientApplication/${clientId}` } }] };
}

/** The options of a Subscription to a topic. */
export interface TopicSubscriptionOptions {
  /** The search whose matches are posted, such as `Patient`. */
  readonly criteria: string;
  readonly reason: string;
  /** The server's base, such as `https://fhir.example.org/w/tenant/api/v1/fhir/r4`. */
  readonly baseUrl: string;
  readonly topicId: string;
  readonly clientId: string;
  readonly secret: string;
}

/**
 * A Subscription whose matches go to a topic. It holds the client's credentials, and whoever may read it can read them: allow the client nothing else.
 *
 * The vendor's published example encodes the name of a variable in place of its value.
 */
export function topicSubscription({ criteria, reason, baseUrl, topicId, clientId, secret }: TopicSubscriptionOptions): TopicSubscription {
  return {
    resourceType: 'Subscription',
    status: 'active',
    reason,
    criteria,
    channel: { type: 'message', header: [`Authorization: ${basicCredentials(clientId, secret)}`], endpoint: messagePostUrl(baseUrl, topicId) },
  };
}

/** The operation of a topic. */
export function messagePostUrl(baseUrl: string, topicId: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${messagePostPath(topicId)}`;
}

/** The operation's path below the server's base. @internal */
export function messagePostPath(topicId: string): string {
  return `MessageTopic/${encodeURIComponent(topicId)}/$message-post`;
}

/** A client's credentials as the value of the `Authorization` header (RFC 7617, in UTF-8). */
export function basicCredentials(clientId: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${clientId}:${secret}`);
  return `Basic ${btoa(String.fromCodePoint(...bytes))}`;
}
