import { bars, createMessage, createReply, MessagingError, r4, r5, readMessage } from '@fhir-messaging/core';
import type { IdentityStrategy, MessageCategory, Outgoing, Receipt, Release, ReplyContent } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { admission, messageOf, messengerTo, source } from './loopback.ts';

/** A transport that follows a script and keeps what it was given. */
function scripted(...steps: ((outgoing: Outgoing) => Receipt)[]) {
  const sent: Outgoing[] = [];
  const rest = [...steps];
  const transport = async (outgoing: Outgoing): Promise<Receipt> => {
    sent.push(outgoing);
    return rest.shift()!(outgoing);
  };
  return { transport, sent };
}

const lost = (): Receipt => {
  throw new MessagingError('transport.failed', 'lost', { delivery: 'unknown' });
};
const reply = (content: ReplyContent = {}, identity?: IdentityStrategy) => ({ message }: Outgoing): Receipt => ({
  status: 200,
  body: createReply(message, { source, identity, ...content }).bytes,
});
const patient = ({ bundle }: Outgoing['message']): unknown => bundle.entry?.[1];

/** What stays the same between the first attempt and the second. */
function kept([first, second]: readonly Outgoing[]): string {
  const same = (read: (outgoing: Outgoing) => unknown): boolean => read(first!) === read(second!);
  if (same(({ bytes }) => bytes)) return 'bytes';
  const names = [
    same(({ message }) => message.bundle.entry?.[0]?.resource?.id) && 'MessageHeader.id',
    same(({ message }) => message.bundle.id) && 'Bundle.id',
    same(({ message }) => message.bundle.identifier?.value) && first?.message.release === 'R5' && 'Bundle.identifier',
    same(({ message }) => JSON.stringify(patient(message))) && 'content',
  ];
  return names.filter(Boolean).join(', ');
}

describe('the resend table (messaging.html#reliable): what a resend keeps', () => {
  it.each<[IdentityStrategy, Release, MessageCategory, string]>([
    [r4, 'R4', 'consequence', 'bytes'],
    [r4, 'R4', 'currency', 'MessageHeader.id, content'],
    [r4, 'R4', 'notification', 'MessageHeader.id, content'],
    [r4, 'R4B', 'consequence', 'bytes'],
    [r4, 'R4B', 'currency', 'MessageHeader.id, content'],
    [r4, 'R4B', 'notification', 'MessageHeader.id, content'],
    [r5, 'R5', 'consequence', 'bytes'],
    [r5, 'R5', 'currency', 'MessageHeader.id, content'],
    [r5, 'R5', 'notification', 'bytes'],
    [netsmart, 'R4', 'consequence', 'bytes'],
    [netsmart, 'R4', 'currency', 'bytes'],
    [netsmart, 'R4', 'notification', 'bytes'],
    [bars, 'R4', 'consequence', 'bytes'],
    [bars, 'R4', 'currency', 'bytes'],
    [bars, 'R4', 'notification', 'bytes'],
  ])('$0.name, %2$s, %3$s: %4$s', async (identity, release, category, expected) => {
    const { transport, sent } = scripted(lost, reply({}, identity));
    const { messenger } = messengerTo('', { transport, identity, peer: { reliableCacheMinutes: 10 } });

    expect(await messenger.send(messageOf(category, { release }))).toMatchObject({ kind: 'ok', attempts: 2, matchedByRule: true });
    expect(kept(sent)).toBe(expected);
  });

  it.each<[IdentityStrategy, Release]>([[r4, 'R4'], [r5, 'R5'], [netsmart, 'R4'], [bars, 'R4']])(
    '$name: a reply that quotes the ids of any attempt settles the send',
    async (identity, release) => {
      const { transport, sent } = scripted(lost, lost, () => reply({}, identity)(sent[0]!));

      expect(await messengerTo('', { transport, identity }).messenger.send(messageOf('currency', { release }))).toMatchObject({ kind: 'ok', attempts: 3 });
    },
  );

  it.each<[IdentityStrategy, Release]>([[r4, 'R4'], [r5, 'R5']])("$name: of a message that was read, only the ids change in its text, since FHIR's decimals do not survive being parsed (json.html#decimal)", async (identity, release) => {
    const event = admission('currency');
    const written = createMessage(event, { Patient: { resourceType: 'Patient', extension: [{ url: 'https://a.example/dose', valueDecimal: 7 }] } }, { source, release });
    const text = new TextDecoder().decode(written.bytes).replace('"valueDecimal":7', '"valueDecimal": 1.10');
    const { transport, sent } = scripted(lost, reply({}, identity));
    await messengerTo('', { transport, identity }).messenger.send(readMessage(text, { event }));
    const [first = '', second = ''] = sent.map(({ bytes }) => new TextDecoder().decode(bytes));
    const ids = ({ bundle }: Outgoing['message']): string[] => [bundle.id!, ...(release === 'R5' ? [bundle.identifier!.value!] : [])];

    expect(first).toBe(text);
    expect(second).toContain('"valueDecimal": 1.10');
    expect(ids(sent[1]!.message).reduce((all, id, position) => all.replace(`"${id}"`, `"${ids(sent[0]!.message)[position]!}"`), second)).toBe(first);
  });

  it('a person who sends the same message once more sends the same bytes', async () => {
    const { transport, sent } = scripted(lost, reply());
    const { messenger } = messengerTo('', { transport });
    const message = messageOf();
    await expect(messenger.send(message)).rejects.toMatchObject({ delivery: 'unknown' });
    await messenger.send(message);

    expect(sent[1]?.bytes).toBe(sent[0]?.bytes);
  });
});

describe('the very same transient-error reply to a resend: the peer replays it (pinned)', () => {
  /** A peer that answers every resend with the first reply, until it sees a new transmission. */
  function pinning(identity: IdentityStrategy, isNew: (first: Outgoing, now: Outgoing) => boolean) {
    let first: Outgoing | undefined;
    let pinned: Receipt | undefined;
    const step = (outgoing: Outgoing): Receipt => {
      first ??= outgoing;
      pinned ??= reply({ code: 'transient-error' }, identity)(outgoing);
      return isNew(first, outgoing) ? reply({}, identity)(outgoing) : pinned;
    };
    return scripted(step, step, step, step);
  }

  it.each<[IdentityStrategy, Release]>([[r4, 'R4'], [r5, 'R5'], [netsmart, 'R4'], [bars, 'R4']])('$0.name: a consequence stops with pinned: true', async (identity, release) => {
    const { transport, sent } = pinning(identity, () => false);
    const message = messageOf('consequence', { release });

    expect(await messengerTo('', { transport, identity }).messenger.send(message)).toMatchObject({ kind: 'transient-error', pinned: true, attempts: 2 });
    expect(sent).toHaveLength(2);
  });

  it.each<[IdentityStrategy, Release, MessageCategory]>([
    [netsmart, 'R4', 'notification'],
    [netsmart, 'R4', 'currency'],
    [bars, 'R4', 'notification'],
  ])('$0.name: a %3$s goes on in a new envelope', async (identity, release, category) => {
    const { transport, sent } = pinning(identity, (first, now) => first.message.bundle.id !== now.message.bundle.id);

    expect(await messengerTo('', { transport, identity }).messenger.send(messageOf(category, { release }))).toMatchObject({ kind: 'ok', attempts: 3, pinned: false });
    expect(kept(sent.slice(1))).toBe('MessageHeader.id, content');
  });

  it('r5: a notification goes on under a new Bundle.identifier, which is what names a transmission there', async () => {
    const { transport } = pinning(r5, (first, now) => first.message.bundle.identifier?.value !== now.message.bundle.identifier?.value);

    expect(await messengerTo('', { transport }).messenger.send(messageOf('notification', { release: 'R5' }))).toMatchObject({ kind: 'ok', attempts: 3 });
  });

  it('a transient-error that is another reply each time is none: all attempts are made', async () => {
    const busy = reply({ code: 'transient-error' });
    const { transport } = scripted(busy, busy, busy, busy);

    expect(await messengerTo('', { transport }).messenger.send(messageOf())).toMatchObject({ kind: 'transient-error', pinned: false, attempts: 4 });
  });

  it('one without ids is the same where it is the same to the byte', async () => {
    const withoutIds = (outgoing: Outgoing, text: string): Receipt => {
      const { id: _, entry: [header, ...rest] = [], ...bundle } = createReply(outgoing.message, { source, code: 'transient-error' }).bundle;
      const { id: __, ...resource } = header!.resource!;
      return { status: 200, body: new TextEncoder().encode(JSON.stringify({ ...bundle, timestamp: text, entry: [{ resource }, ...rest] })) };
    };
    const at = (text: string) => (outgoing: Outgoing): Receipt => withoutIds(outgoing, text);
    const { transport } = scripted(at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:01Z'), at('2026-01-01T00:00:01Z'));

    expect(await messengerTo('', { transport }).messenger.send(messageOf())).toMatchObject({ kind: 'transient-error', pinned: true, attempts: 3 });
  });
});
