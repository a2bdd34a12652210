import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Message } from '../message/message.ts';
import { assembleOnce } from './assemble.ts';
import type { AssembleOptions } from './assemble.ts';
import type { AssembleProgress } from './assemble/collect.ts';
import type { Messenger } from './messenger.ts';
import { observeReading } from './observe-reading.ts';
import type { Reading } from './observe-reading.ts';

/** How a message is assembled: as `assemble` does, from one server. */
export type AssemblyOptions = Omit<AssembleOptions, 'signal' | 'onProgress' | 'elsewhere'>;

/** A message that was put together from the record. */
export interface AssembledMessage<TMessage> {
  readonly message: TMessage;
  /** What the message lacks and its contract does without, such as a resource that could not be read. */
  readonly issues: readonly Issue[];
}

/**
 * Assembles a message from the record while somebody subscribes, as a state to show; the message can then be drafted and submitted.
 *
 * @param reader - or a function that gives it, asked for each assembly: `reload` then reads with the latest.
 * @see {@link assemble} for its reads and its errors.
 * @example
 * const assembly = observeAssembly(messenger, submitServiceRequest, 'ServiceRequest/123', fetchReader({ baseUrl }));
 * assembly.subscribe(() => show(assembly.getState()));
 */
export function observeAssembly<TTable extends EventTable, TResource extends Resource>(
  messenger: Messenger,
  event: EventContract<TTable, TResource>,
  focusReference: string,
  reader: AssemblyOptions | (() => AssemblyOptions),
): Reading<AssembledMessage<Message<EventContract<TTable, TResource>, TResource>>, AssembleProgress>;
export function observeAssembly(messenger: Messenger, event: AnyEvent, focusReference: string, reader: AssemblyOptions | (() => AssemblyOptions)): unknown {
  return observeReading<AssembledMessage<Message<AnyEvent, Resource>>, AssembleProgress>(async (reading) => {
    const options = typeof reader === 'function' ? reader() : reader;
    const { payload, issues } = await assembleOnce(event, focusReference, options, reading);
    return { message: messenger.create(event, payload, { base: options.baseUrl }), issues };
  });
}
