/** The part of a connection of `rhea` that this binding uses: the least that its `Connection` has. */
export interface RheaConnection {
  readonly container: { readonly message: { data_section(bytes: Uint8Array): unknown } };
  create_session(): RheaSession;
  is_open(): boolean;
  on(name: 'connection_open' | 'disconnected', listener: () => void): unknown;
  removeListener(name: 'connection_open' | 'disconnected', listener: () => void): unknown;
}

/** A session of its own for each link: a broker that ends a session for one address ends no other. */
export interface RheaSession {
  begin(): void;
  is_open(): boolean;
  close(): void;
  open_sender(options: RheaSenderOptions): RheaSender;
  open_receiver(options: RheaReceiverOptions): RheaReceiver;
  on(name: 'session_open' | 'session_error' | 'session_close', listener: (context: { readonly session?: { readonly error?: unknown } | undefined }) => void): unknown;
}

/** The members that sending and receiving links share. */
export interface RheaLink {
  readonly error?: unknown;
  is_open(): boolean;
}

/** The options of a sending link: a `modified` message is told as such, not as `released`. */
export interface RheaSenderOptions {
  readonly target: { readonly address: string };
  readonly treat_modified_as_released: false;
}

/** The broker's outcome for a message; its members are the client's getters. */
export interface RheaOutcome {
  readonly error?: unknown;
  readonly undeliverable_here?: unknown;
}

/** A message that was sent. */
export interface RheaSent {
  readonly remote_state?: RheaOutcome | undefined;
}

/** A link that sends. */
export interface RheaSender extends RheaLink {
  sendable(): boolean;
  /** Takes a {@link RheaMessage}; typed as `object`, since rhea's ids may be a Buffer, which only Node's types know. */
  send(message: object): object;
  on(name: 'accepted' | 'modified' | 'rejected' | 'released', listener: (context: { readonly delivery?: RheaSent | undefined }) => void): unknown;
  on(name: 'sendable' | 'sender_open' | 'sender_error' | 'sender_close', listener: () => void): unknown;
}

/** The options of a receiving link: by credit, with nothing accepted by itself. */
export interface RheaReceiverOptions {
  readonly source: { readonly address: string } | { readonly dynamic: true };
  readonly autoaccept: false;
  readonly credit_window: 0;
}

/** A link that receives. */
export interface RheaReceiver extends RheaLink {
  readonly source: { readonly address?: unknown };
  add_credit(credit: number): void;
  on(name: 'receiver_open' | 'receiver_error' | 'receiver_close', listener: () => void): unknown;
  on(name: 'message', listener: (context: { readonly message?: RheaMessage | undefined; readonly delivery?: RheaDelivery | undefined }) => void): unknown;
}

/** A message that was handed over, until it is settled. */
export interface RheaDelivery {
  accept(): void;
  release(): void;
}

/** A message's properties, as `rhea` spells them. */
export interface RheaMessage {
  durable?: boolean;
  message_id?: unknown;
  correlation_id?: unknown;
  content_type?: string;
  content_encoding?: string;
  subject?: string;
  reply_to?: string;
  group_id?: string;
  group_sequence?: number;
  reply_to_group_id?: string;
  priority?: number;
  creation_time?: Date;
  application_properties?: Record<string, unknown>;
  body?: unknown;
}
