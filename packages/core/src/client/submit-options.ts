import { present } from '../fhir/json.ts';
import type { SubmitOptions } from './submission.ts';

/** The options of a press, each read once: what an instance of a class has by a getter would not be copied along with it. */
export function readOptions(options: SubmitOptions): SubmitOptions;
export function readOptions({ source, destination, header, bundle, base, release, newId, now, async, responseUrl, responseRequest, onLeaving, onProgress }: SubmitOptions): unknown {
  // A member that is there without a value would hide a default that the owner's messenger spreads before it.
  return present({ source, destination, header, bundle, base, release, newId, now, async, responseUrl, responseRequest, onLeaving, onProgress } satisfies Record<keyof SubmitOptions, unknown>);
}

/** The options that change the message, or the way it is sent: all but ids, clock and listeners. */
export function decisive({ newId, now, onLeaving, onProgress, ...others }: SubmitOptions): object {
  return others;
}
