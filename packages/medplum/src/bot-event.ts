import type { ProjectSetting, Reference } from '@medplum/fhirtypes';

/** The event that a bot is called with: the least that `BotEvent` of `@medplum/core` has. */
export interface MedplumBotEvent {
  /** The body of the request: parsed, or its text. */
  readonly input: unknown;
  /** The project's secrets, by name. */
  readonly secrets: Record<string, ProjectSetting>;
  /** Who called, as authenticated by the server. */
  readonly requester?: Reference | undefined;
  /** The headers of the request, where it came by HTTP. */
  readonly headers?: Record<string, string | string[] | undefined> | undefined;
}

/**
 * The `context` of handlers whose receiver runs as a bot.
 *
 * @template TMedplum - the client's type: `MedplumClient` of `@medplum/core`.
 */
export interface MedplumBotContext<TMedplum = unknown> extends Pick<MedplumBotEvent, 'secrets' | 'requester' | 'headers'> {
  /** The client that the server gave the bot. */
  readonly medplum: TMedplum;
}
