import { useEffect } from 'react';
import { openMessage } from './sending.ts';
import type { SendingState } from './sending.ts';

/** Whose message it is, and about whom: nobody else is offered it, nor is it offered for another patient. */
export interface MessageOwner {
  readonly user: string;
  readonly patientUrl: string;
}

const namesOf = ({ user, patientUrl }: MessageOwner): string => `open message of ${user} for ${patientUrl}, order `;

/** The order whose message was on its way when this tab was reloaded, or launched for somebody else. */
export function orderOfKeptMessage(owner: MessageOwner): string | undefined {
  const names = namesOf(owner);
  return Object.keys(sessionStorage)
    .find((name) => name.startsWith(names))
    ?.slice(names.length);
}

/** The text of the message for an order, where its fate is open. */
export function keptMessage(owner: MessageOwner, orderId: string): string | undefined {
  return sessionStorage.getItem(namesOf(owner) + orderId) ?? undefined;
}

/** Keeps an order's message for as long as its fate is open: its bytes, so that what is sent after a reload is the same one. */
export function useKeptMessage(owner: MessageOwner, orderId: string, state: SendingState): void {
  const message = openMessage(state);
  useEffect(() => {
    const name = namesOf(owner) + orderId;
    if (message === undefined) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, new TextDecoder().decode(message.bytes));
  }, [owner, orderId, message]);
}
