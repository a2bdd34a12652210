import { memoryCache } from '@fhir-messaging/receiver';
import { openChart } from './chart/chart.ts';
import { createChanges } from './changes.ts';
import type { Fault, FaultKind } from './faults/fault.ts';
import { createFaultSwitches } from './faults/fault-switches.ts';
import type { FaultSwitches } from './faults/fault-switches.ts';
import { sleep } from './faults/sleep.ts';
import type { Sleep } from './faults/sleep.ts';
import { createApp } from './http/app.ts';
import { listenOnLoopback } from './http/listen.ts';
import { createGrants } from './launch/grants.ts';
import type { Grant, LaunchContext } from './launch/grants.ts';
import { createIdTokenSigner } from './launch/id-token.ts';
import { launchUrl } from './launch/launch-url.ts';
import { requireInChart } from './launch/require-in-chart.ts';
import { grantScopes } from './launch/scopes.ts';
import { issueTokens } from './launch/token-request.ts';
import type { TokenResponse } from './launch/token-request.ts';
import type { Arrival } from './referrals/arrival.ts';
import { createArrivalLog } from './referrals/arrival-log.ts';
import type { ReceivedMessage } from './referrals/received-message.ts';
import { createReferralManager } from './referrals/referral-manager.ts';
import type { ScriptedReply } from './referrals/referral-manager.ts';
import type { Referral } from './referrals/referral.ts';

/** The options of a sandbox. */
export interface SandboxOptions {
  /** @defaultValue 0, a free port */
  readonly port?: number | undefined;
  /** Faults that are switched on from the start. @defaultValue none */
  readonly faults?: readonly (Fault | FaultKind)[] | undefined;
  /** The replies to the first messages, each used once. @defaultValue as a referral manager replies */
  readonly replies?: readonly ScriptedReply[] | undefined;
  /** How long the referral manager recognises a message, in minutes, above 0; `/metadata` says it. @defaultValue 60 */
  readonly reliableCacheMinutes?: number | undefined;
  /** How long an access token holds, in seconds. @defaultValue 3600 */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
  /** How the fault `delay` waits; for tests. */
  readonly sleep?: Sleep | undefined;
  /** Makes codes, tokens and message ids; for tests. @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
}

/** The user and the app of a sign-in without a launch. */
export interface SignIn extends Partial<LaunchContext> {
  /** @defaultValue 'sandbox-app' */
  readonly clientId?: string | undefined;
  /** @defaultValue 'openid fhirUser offline_access user/*.read user/Messaging.write' */
  readonly scope?: string | undefined;
}

/** A SMART EHR and a referral manager, on this machine. */
export interface Sandbox {
  /** The page that launches apps. */
  readonly ehrUrl: string;
  /** The referral manager's page. */
  readonly managerUrl: string;
  /** The FHIR base URL: `iss` of a launch, `baseUrl` of a transport. */
  readonly baseUrl: string;
  readonly faults: FaultSwitches;
  /** The messages that were processed, in their order: each once, unless the reply was `transient-error`, after which a resend is processed again. */
  readonly messages: readonly ReceivedMessage[];
  /** The last 500 requests to `$process-message`, resends among them. */
  readonly arrivals: readonly Arrival[];
  /** The referrals, by the URLs of their ServiceRequests. */
  readonly referrals: ReadonlyMap<string, Referral>;
  /** Scripts the replies to the next messages, each used once. */
  replyNext(...replies: readonly ScriptedReply[]): void;
  /** The URL that launches an app from the EHR: its own launch URL with `iss` and `launch`. @throws {TypeError} for an app that is not on this machine. */
  launch(appUrl: string, context?: Partial<LaunchContext>): string;
  /**
   * Gives a token response without a launch, for a test that needs none, such as that of a transport.
   *
   * @throws {TypeError} where `user` (`Practitioner/<id>`), `patient` or `encounter` (bare ids) is not in the chart.
   */
  signIn(user?: SignIn): Promise<TokenResponse>;
  /** Ends every connection and waits for messages that are being processed; the port is free afterwards. */
  close(): Promise<void>;
}

const someone = { user: 'Practitioner/nadia-holm', patient: 'amy-shaw' } as const;

/**
 * Starts a sandbox on the loopback address 127.0.0.1: SMART App Launch, FHIR R4 REST over synthetic patients, and `$process-message`
 * as a referral manager answers it. It keeps everything in memory, and forgets it when it closes.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.18.
 * @throws {TypeError} for a kind of fault that there is not, or `reliableCacheMinutes` of 0 or less; Node's own error where the port is taken.
 * @example const sandbox = await createSandbox({ faults: ['drop-reply'] });
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { tokenLifetimeSeconds = 3600, reliableCacheMinutes = 60, now = Date.now, newId = () => crypto.randomUUID() } = options;
  const [chart, signer] = await Promise.all([openChart(), createIdTokenSigner()]);
  const closing = new AbortController();
  const changes = createChanges();
  const onChange = (): void => changes.announce();
  const faults = createFaultSwitches(options.faults ?? [], onChange);
  const grants = createGrants({ tokenLifetimeSeconds, now, newId });
  const arrivals = createArrivalLog(now, onChange);
  const cache = memoryCache({ ttlMinutes: reliableCacheMinutes, now });

  const server = await listenOnLoopback(options.port ?? 0);
  const { origin } = server;
  const baseUrl = `${origin}/fhir`;
  const manager = createReferralManager({ baseUrl, faults, cache, now, newId, onChange });
  manager.script(options.replies ?? []);
  const issuing = { origin, baseUrl, grants, signer, tokenLifetimeSeconds, now };
  server.serve(createApp({ ...issuing, chart, manager, faults, arrivals, changes, sleep: options.sleep ?? sleep, closing: closing.signal }));

  return {
    ehrUrl: `${origin}/`,
    managerUrl: `${origin}/manager`,
    baseUrl,
    faults,
    messages: manager.messages,
    arrivals: arrivals.arrivals,
    referrals: manager.referrals,
    replyNext(...replies) {
      manager.script(replies);
    },
    launch: (appUrl, context) => launchUrl(appUrl, baseUrl, grants.startLaunch({ ...someone, ...context })),
    async signIn({ clientId = 'sandbox-app', scope = 'openid fhirUser offline_access user/*.read user/Messaging.write', ...context } = {}) {
      const grant: Grant = { ...someone, ...context, clientId, scope: grantScopes(scope) };
      await requireInChart(grant, chart);
      return await issueTokens(grant, issuing);
    },
    async close() {
      closing.abort();
      await manager.receiver.close();
      await server.close();
    },
  };
}
