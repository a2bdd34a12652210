import type { ProjectSetting, Reference } from '@medplum/fhirtypes';

/** What a bot is called with: the least that `BotEvent` of `@medplum/core` has. */
export interface MedplumBotEvent {
  /** The body of the request: parsed, or its text. */
  readonly input: unknown;
  /** The project's secrets, by name. */
  readonly secrets: Record<string, ProjectSetting>;
  /** Who called, as authenticated by the server. */
  readonly requester?: Reference | undefined;
  /** Of the request, where it came by HTTP. */
  readonly headers?: Record<string, string | string[] | undefined> | undefined;
}

/**
 * What the handlers of a receiver that runs as a bot get as their `context`.
 *
 * @template TMedplum - the client's type: `MedplumClient` of `@medplum/core`.
 */
export interface MedplumBotContext<TMedplum = unknown> extends Pick<MedplumBotEvent, 'secrets' | 'requester' | 'headers'> {
  /** The client that the server gave the bot. */
  readonly medplum: TMedplum;
}
