import { useEffect } from 'react';
import { openMessage } from './sending.ts';
import type { SendingState } from './sending.ts';

/** A message that was on its way when this tab was reloaded. */
export interface KeptMessage {
  readonly orderId: string;
  readonly text: string;
}

const nameOf = (patientUrl: string): string => `open message for ${patientUrl}`;

/** The message for a patient whose fate is open in this tab. */
export function keptMessage(patientUrl: string): KeptMessage | undefined {
  const text = sessionStorage.getItem(nameOf(patientUrl));
  return text === null ? undefined : (JSON.parse(text) as KeptMessage);
}

/** Keeps a message for as long as its fate is open: its bytes, so that what is sent after a reload is the same one. */
export function useKeptMessage(patientUrl: string, orderId: string, state: SendingState): void {
  const message = openMessage(state);
  useEffect(() => {
    if (message === undefined) {
      sessionStorage.removeItem(nameOf(patientUrl));
      return;
    }
    const kept: KeptMessage = { orderId, text: new TextDecoder().decode(message.bytes) };
    sessionStorage.setItem(nameOf(patientUrl), JSON.stringify(kept));
  }, [patientUrl, orderId, message]);
}
