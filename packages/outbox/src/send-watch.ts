import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import type { Delivery, ErrorCode, ProgressEvent } from '@fhir-messaging/core';

/** The options of a watch. */
export interface WatchOptions {
  /** Ends the send. */
  readonly working: AbortController;
  /** Whether this process surely still has the entry. */
  readonly isHeld: () => boolean;
  readonly isSignedIn: () => boolean;
  /** Whether the message may have arrived by an earlier send. */
  readonly wasOpen: boolean;
  /** The time, by this process's clock, from which a message that may have arrived is not sent again. */
  readonly forgottenAtMs: number;
  readonly now: () => number;
}

/**
 * Watches one send of an entry: it is stopped before an attempt that would go out for another account, beside another sender, or to a peer that may
 * have forgotten the message.
 */
export class SendWatch {
  /** The attempts of this send, and those before it where the application was sending the message already. */
  attempts = 0;
  /** Whether anything answered an attempt, be it with a gateway's error. */
  wasHeard = false;
  /** Whether every attempt before the last one was answered; `false` where the watch was not told of them. */
  wasAnswered = false;
  #delivery: Delivery = 'no';
  #unanswered: boolean | undefined;
  readonly #options: WatchOptions;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * What is known of the message's arrival after a send that ended with an error, and whether an attempt may have arrived unanswered. A message that
   * was answered `transient-error` arrived, and was not processed.
   */
  arrivalAfter(error: unknown): { readonly delivery: Delivery; readonly unanswered: boolean } {
    const delivery = (isMessagingError(error) ? error.delivery : undefined) ?? this.#delivery;
    return { delivery, unanswered: this.#unanswered ?? delivery !== 'no' };
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.kind === 'attempt') {
      this.attempts = event.attempt;
      if (event.attempt === 1) this.wasAnswered = true;
      // Until a `delivery` event says otherwise: a failure after this is no reason to believe that the message did not arrive.
      this.#delivery = 'unknown';
      this.#stopUnlessOwn();
    }
    if (event.kind === 'sent') this.wasHeard = true;
    if (event.kind === 'waiting') {
      this.wasAnswered = !event.unanswered;
      this.#stopIfForgottenAt(event.untilMs);
    }
    if (event.kind === 'delivery') {
      this.#delivery = event.delivery;
      this.#unanswered = event.unanswered;
    }
  };

  readonly onLeaving = (): void => this.#stopUnlessOwn();

  /** Stops a send that would go out for another account, or beside another sender. */
  #stopUnlessOwn(): void {
    const { isHeld, isSignedIn, now } = this.#options;
    const reason = isHeld() ? (isSignedIn() ? undefined : 'session.expired') : 'lease.lost';
    if (reason) this.#stop(reason, 'The message is not sent: its account, or its sender, is another one by now.');
    this.#stopIfForgottenAt(now());
  }

  #stopIfForgottenAt(atMs: number): void {
    const { wasOpen, forgottenAtMs } = this.#options;
    if ((wasOpen || !this.wasAnswered) && atMs >= forgottenAtMs) this.#stop('transport.timeout', 'The peer may no longer recognise the message.');
  }

  #stop(code: ErrorCode, message: string): void {
    this.#options.working.abort(new MessagingError(code, message));
  }
}
