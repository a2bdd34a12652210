import { isMessagingError } from '@fhir-messaging/core';
import type { Delivery, Messenger, Reply } from '@fhir-messaging/core';
import type { SentJournal } from './sent-journal.ts';

/**
 * A messenger that notes in a journal what it sends, before it leaves, until it is known what became of it: so that a page which is reloaded in
 * between can say that the message may have arrived, and send the very same one again.
 */
export function rememberSent(messenger: Messenger, journal: SentJournal): Messenger {
  return {
    ...messenger,
    async send(message, options = {}) {
      const wasOpen = journal.open(message);
      let delivery: Delivery | undefined;
      try {
        const reply = await messenger.send(message, {
          ...options,
          onProgress(event) {
            if (event.kind === 'delivery') delivery = event.delivery;
            options.onProgress?.(event);
          },
        });
        if (reply.kind === 'ok' || reply.kind === 'processed') {
          journal.answer(message, 'message' in reply ? reply.message : undefined);
        } else if (isOver(reply, wasOpen)) {
          journal.forget(message);
        }
        return reply;
      } catch (error) {
        const known = delivery ?? (isMessagingError(error) ? error.delivery : undefined);
        if (known === 'no' && !wasOpen) journal.forget(message);
        throw error;
      }
    },
  };
}

/** Whether a message that was not processed is settled: nothing of it can be on its way, or wait to be asked about. */
function isOver(reply: Pick<Reply, 'kind'> & { readonly mayHaveArrived?: boolean }, wasOpen: boolean): boolean {
  return reply.kind === 'fatal-error' || (reply.kind === 'refused' && reply.mayHaveArrived !== true && !wasOpen);
}
