import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import type { Delivery, ErrorCode, ProgressEvent } from '@fhir-messaging/core';

/** What a send is watched with. */
export interface WatchOptions {
  /** Ends the send. */
  readonly working: AbortController;
  /** Whether the entry is still this process's for certain. */
  readonly isHeld: () => boolean;
  readonly isSignedIn: () => boolean;
  /** Whether the message may have arrived by an earlier send. */
  readonly wasOpen: boolean;
  /** From when on a message that may have arrived is not sent again, by this process's clock. */
  readonly forgottenAtMs: number;
  readonly now: () => number;
}

/**
 * Watches one send of an entry: it is stopped before an attempt that would go out for another account, beside another sender, or to a peer that may
 * have forgotten the message.
 */
export class SendWatch {
  /** The attempts of this send; where the application was sending the message already, with those before. */
  attempts = 0;
  /** Whether anything answered an attempt, be it with a gateway's error. */
  wasHeard = false;
  /** Whether every attempt before the last one was answered; not where it was not told of them. */
  wasAnswered = false;
  #delivery: Delivery = 'no';
  #unanswered: boolean | undefined;
  readonly #options: WatchOptions;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * What is known of the message's arrival where the send ended with an error, and whether an attempt may have arrived unanswered: what was answered
   * `transient-error` arrived, and was not processed.
   */
  arrivalAfter(error: unknown): { readonly delivery: Delivery; readonly unanswered: boolean } {
    const delivery = (isMessagingError(error) ? error.delivery : undefined) ?? this.#delivery;
    return { delivery, unanswered: this.#unanswered ?? delivery !== 'no' };
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.kind === 'attempt') {
      this.attempts = event.attempt;
      if (event.attempt === 1) this.wasAnswered = true;
      // Until somebody says so: what fails afterwards is no reason to believe that it did not arrive.
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

  /** Stops what would go out for another account, or beside another sender. */
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
