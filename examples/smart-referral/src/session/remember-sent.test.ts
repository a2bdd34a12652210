import { createMessenger, createReply, MessagingError } from '@fhir-messaging/core';
import type { Messenger, Receipt, Transport } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { submitReferral } from './referral-events.ts';
import { rememberSent } from './remember-sent.ts';
import { openJournal } from './sent-journal.ts';
import type { SentJournal } from './sent-journal.ts';
import { messageOf, submittedOf } from './sent-message.ts';

const source = 'https://app.example.org';
const base = 'https://ehr.example.org/r4';
const order = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } } as const;
const payload = { ServiceRequest: order, Patient: { resourceType: 'Patient', id: '1' } } as const;
const orderUrl = `${base}/ServiceRequest/1`;

/** A storage like a tab's, which outlives its pages. */
function tabStorage(limit = Infinity): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: () => null,
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    removeItem: (key) => void items.delete(key),
    setItem(key, value) {
      if (value.length > limit) throw new DOMException('Full.', 'QuotaExceededError');
      items.set(key, value);
    },
  };
}

interface Page {
  readonly messenger: Messenger;
  readonly journal: SentJournal;
}

/** A page of a tab, with a messenger over a transport. */
function openPage(storage: Storage, transport: Transport): Page {
  const journal = openJournal(storage, 'sent');
  return { journal, messenger: rememberSent(createMessenger({ transport, source, identity: netsmart, retry: { maxAttempts: 1 } }), journal) };
}

const answered = (code: 'ok' | 'fatal-error'): Transport => ({ message }): Promise<Receipt> => Promise.resolve({ status: 200, body: createReply(message, { code, source: base, base, identity: netsmart, focus: [order], include: [payload.Patient] }).bytes });
const lost: Transport = () => Promise.reject(new TypeError('Gone.'));
const status = (code: number): Transport => () => Promise.resolve({ status: code, body: undefined });

const send = ({ messenger }: Page): Promise<unknown> => messenger.send(messenger.create(submitReferral, payload, { base })).catch((error: unknown) => error);

describe('rememberSent', () => {
  it('notes a message before it leaves: a page that is reloaded at that moment knows it, to the byte', async () => {
    const storage = tabStorage();
    let left: Uint8Array | undefined;
    let known: Uint8Array | undefined;
    await send(
      openPage(storage, (outgoing) => {
        left = outgoing.bytes;
        const open = openJournal(storage, 'sent').openFor(orderUrl);
        known = open && messageOf(open).bytes;
        return lost(outgoing);
      }),
    );

    expect(known).toEqual(left);
  });

  it.each([
    ['may have arrived', lost, true],
    ['was refused', status(422), false],
    ['was not taken: 503', status(503), false],
    ['was turned down', answered('fatal-error'), false],
    ['was received', answered('ok'), false],
  ])('a message that %s is noted afterwards only where nobody knows what became of it', async (_, transport, isOpen) => {
    const storage = tabStorage();
    await send(openPage(storage, transport));

    expect(openJournal(storage, 'sent').openFor(orderUrl) !== undefined).toBe(isOpen);
  });

  it('one that may have arrived stays open where the next attempt is refused, or does not get through', async () => {
    for (const transport of [status(422), status(503)]) {
      const storage = tabStorage();
      await send(openPage(storage, lost));
      const { messenger, journal } = openPage(storage, transport);
      const open = journal.openFor(orderUrl);
      await messenger.send(messageOf(open!)).catch(() => undefined);

      expect(openJournal(storage, 'sent').openFor(orderUrl)).toEqual(open);
    }
  });

  it('keeps what was received with its reply, for the page that comes after', async () => {
    const storage = tabStorage();
    await send(openPage(storage, answered('ok')));

    const [received] = openJournal(storage, 'sent').answeredFor(orderUrl);

    expect(submittedOf(received!).reply).toMatchObject({ kind: 'ok', matchedByRule: true });
  });

  it('sends nothing where nothing can be noted: platform.unsupported, delivery no', async () => {
    let requests = 0;
    const page = openPage(tabStorage(10), (outgoing) => {
      requests += 1;
      return lost(outgoing);
    });

    expect(await send(page)).toBeInstanceOf(MessagingError);
    expect(await send(page)).toMatchObject({ code: 'platform.unsupported', delivery: 'no' });
    expect(requests).toBe(0);
  });
});
