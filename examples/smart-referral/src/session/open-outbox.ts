import { MessagingError } from '@fhir-messaging/core';
import type { Messenger, OutboxDurability, Peer } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { aesGcm, createOutbox, keepSending, queuedMessenger } from '@fhir-messaging/outbox';
import type { Account, Outbox, QueuedMessenger } from '@fhir-messaging/outbox';
import { indexedDbOutboxStore } from '@fhir-messaging/storage/indexeddb';
import { browserKey } from './browser-key.ts';
import { submitReferral, updateReferral } from './referral-events.ts';

/** The messenger of an outbox that sends, and how safe a message is in it. */
export interface OpenOutbox {
  readonly messenger: QueuedMessenger;
  readonly durability: OutboxDurability;
}

const keptMs = 7 * 24 * 3_600_000;

/**
 * Opens the outbox of whoever signed in, and sends what waits in it: what was queued before this window was opened, too.
 *
 * @param signIn - is aborted when this window's sign-in is over; then another window, with its own, sends what waits, or one that is opened by a new sign-in.
 * @throws {MessagingError} `storage.unavailable` where this browser keeps nothing: then nothing may be promised.
 */
export async function openOutbox(messenger: Messenger, account: Account, peer: Peer, signIn: AbortSignal): Promise<OpenOutbox> {
  const key = await browserKey().catch(keepsNothing);
  const outbox = createOutbox({
    store: indexedDbOutboxStore('smart-referral'),
    messenger,
    account,
    peer,
    signedIn: () => (signIn.aborted ? undefined : account),
    events: [submitReferral, updateReferral],
    identity: netsmart,
    seal: aesGcm({ keyName: 'browser', keys: { browser: key } }),
    // What a window that was closed in mid-send had in hand goes on after so long.
    leaseMs: 10_000,
  });
  const durability = await outbox.durability;
  if (durability !== 'durable' && durability !== 'partitioned') keepsNothing();
  await forgetAnswered(outbox);
  signIn.addEventListener('abort', keepSending(outbox, { pollMs: 5_000 }));
  return { messenger: queuedMessenger(outbox, messenger), durability };
}

function keepsNothing(cause?: unknown): never {
  throw new MessagingError('storage.unavailable', 'This browser keeps nothing for this app, so that a referral could be lost on its way. Allow the app to store data, and open it again.', { cause });
}

/** What was answered is kept for a week, to be looked at; what was not is kept until somebody decides. */
async function forgetAnswered(outbox: Outbox): Promise<void> {
  const { entries } = await outbox.list();
  const isAnswered = ({ state }: (typeof entries)[number]): boolean => state === 'replied' || state === 'rejected';
  const open = new Set(entries.filter((entry) => !isAnswered(entry)).map(({ key }) => key));
  const old = entries.filter(({ key, changedAtMs }) => !open.has(key) && changedAtMs < Date.now() - keptMs);
  for (const { id } of old) await outbox.remove(id);
}
