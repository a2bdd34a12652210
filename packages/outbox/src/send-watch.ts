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
  /** How many attempts got somebody's word for what became of them. */
  #answers = 0;
  #delivery: Delivery = 'no';
  /** Whether the last attempt was stopped before it left. */
  #isKept = false;
  readonly #options: WatchOptions;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Whether every attempt was answered. */
  get wasAnswered(): boolean {
    return this.attempts === this.#answers;
  }

  /** What is known of the message's arrival where the send ended with an error. */
  deliveryAfter(error: unknown): Delivery {
    return (isMessagingError(error) ? error.delivery : undefined) ?? this.#delivery;
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.kind === 'attempt') {
      this.attempts = event.attempt;
      // Until somebody says so: what fails afterwards is no reason to believe that it did not arrive.
      this.#delivery = 'unknown';
      this.#stopUnlessOwn();
    }
    if (event.kind === 'sent') {
      this.wasHeard = true;
      if (isAnswer(event.status)) this.#answers += 1;
    }
    if (event.kind === 'waiting') this.#stopIfForgottenAt(event.untilMs);
    if (event.kind === 'delivery' && !this.#isKept) this.#delivery = event.delivery;
  };

  readonly onLeaving = (): void => {
    if (this.#options.working.signal.aborted) return;
    // Where somebody else sends it too, it goes on: the progress says so, in that very moment.
    this.#delivery = this.#answers === this.attempts - 1 ? 'no' : 'unknown';
    this.#isKept = this.#stopUnlessOwn();
    if (!this.#isKept) this.#delivery = 'unknown';
  };

  /** Stops what would go out for another account, or beside another sender. @returns whether the send is stopped. */
  #stopUnlessOwn(): boolean {
    const { working, isHeld, isSignedIn, now } = this.#options;
    const reason = isHeld() ? (isSignedIn() ? undefined : 'session.expired') : 'lease.lost';
    if (reason) this.#stop(reason, 'The message is not sent: its account, or its sender, is another one by now.');
    this.#stopIfForgottenAt(now());
    return working.signal.aborted;
  }

  #stopIfForgottenAt(atMs: number): void {
    const { wasOpen, forgottenAtMs } = this.#options;
    const mayHaveArrived = wasOpen || this.#answers < this.attempts - 1;
    if (mayHaveArrived && atMs >= forgottenAtMs) this.#stop('transport.timeout', 'The peer may no longer recognise the message.');
  }

  #stop(code: ErrorCode, message: string): void {
    this.#options.working.abort(new MessagingError(code, message));
  }
}

/** Whether a status is somebody's word for what became of an attempt: a gateway's 500, 502 or 504 is not. */
function isAnswer(status: number | undefined): boolean {
  return status === undefined || status < 500 || status === 503;
}
