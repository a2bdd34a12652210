import { toOperationOutcome } from '@fhir-messaging/core';
import type { MessageInput } from '@fhir-messaging/core';
import type { ProcessResult, Receiver } from '@fhir-messaging/receiver';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import type { MedplumBotContext, MedplumBotEvent } from './bot-event.ts';
import { requirePlatform } from './require-platform.ts';

/** The type of the client in a receiver's context. */
export type ClientOf<TContext> = TContext extends { readonly medplum: infer TMedplum } ? TMedplum : unknown;

/** A Medplum bot's `handler`. */
export type MedplumBot<TMedplum> = (medplum: TMedplum, event: MedplumBotEvent) => Promise<Bundle | OperationOutcome>;

/**
 * A receiver as a Medplum bot, for `Bot/{id}/$execute` and for a custom operation.
 *
 * A bot cannot choose a status, so errors are told in a reply message wherever there can be one: `transient-error` where the same message may be sent
 * again, else `fatal-error`. Errors without one (no message, no ids, event or source that can be read, a message that is a response itself), and `ok`
 * where no reply is wanted, are an OperationOutcome. Senders are told apart by the event's `requester`.
 *
 * A receiver's cache in memory ends with the bot's run: give it one that lasts, or let handlers recognise what they have done.
 *
 * @throws {MessagingError} by the bot: `platform.unsupported` in a runtime that lacks some of the web's globals (in one that lacks most, as Medplum's VM contexts do, the
 * receiver itself cannot be made: the README has what to put first into the bundle); `closed`.
 * @example export const handler = medplumBot(createReceiver<MedplumBotContext<MedplumClient>>({ source }).on(forMedplum(admit), handle));
 */
export function medplumBot<TContext extends MedplumBotContext | undefined>(receiver: Receiver<TContext, unknown>): MedplumBot<ClientOf<TContext>>;
export function medplumBot(receiver: Receiver<MedplumBotContext, unknown>): MedplumBot<unknown> {
  return async (medplum, { input, secrets, requester, headers }) => {
    requirePlatform();
    const context = { medplum, secrets, requester, headers };
    const result = await receiver.process(asInput(input), { context, sender: requester?.reference, errors: 'message' });
    return result.bytes ? bundleOf(result.bytes) : outcomeOf(result);
  };
}

/** The input as it came; the receiver refuses any that is neither text nor an object. */
function asInput(input: unknown): MessageInput;
function asInput(input: unknown): unknown {
  return input;
}

function bundleOf(bytes: Uint8Array): Bundle;
function bundleOf(bytes: Uint8Array): unknown {
  const bundle: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return bundle;
}

/** A custom operation takes its status from the outcome: 200 by this id, 400 without one. */
function outcomeOf(result: ProcessResult): OperationOutcome;
function outcomeOf({ status, issues }: ProcessResult): unknown {
  return { ...toOperationOutcome(issues), ...(status < 400 && { id: 'ok' }) };
}
