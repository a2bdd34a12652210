import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { confirmedSender } from './confirmed-sender.ts';
import { openReceiver } from './open-receiver.ts';
import type { RheaConnection } from './rhea-connection.ts';

/** A connection whose one session has begun, and whose one link is attached when a test says so. */
function given() {
  let isAttached = false;
  let ends = 0;
  const link = Object.assign(new EventEmitter(), { is_open: () => isAttached, sendable: () => false, add_credit: () => undefined, source: { address: 'q' } });
  const session = Object.assign(new EventEmitter(), {
    begin: () => undefined,
    is_open: () => ends === 0,
    open_sender: () => link,
    open_receiver: () => link,
    close() {
      ends += 1;
      session.emit('session_close', {});
    },
  });
  const connection = Object.assign(new EventEmitter(), { create_session: () => session, is_open: () => true, container: {} }) as unknown as RheaConnection;
  const attach = (): void => {
    isAttached = true;
    link.emit('sender_open');
    link.emit('receiver_open');
  };
  return { connection, attach, ends: () => ends };
}

const kinds: readonly [says: string, open: (connection: RheaConnection) => { close(): unknown }][] = [
  ['sends', (connection) => confirmedSender(connection, 'q')],
  ['receives', (connection) => openReceiver(connection, { source: { address: 'q' }, prefetch: 1 }, () => Promise.resolve('return'), () => undefined)],
];

describe.each(kinds)('the session of a link that %s, AMQP 1.0', (_, open) => {
  it('ends when its link is closed', async () => {
    const { connection, attach, ends } = given();
    const link = open(connection);
    attach();
    await link.close();

    expect(ends()).toBe(1);
  });

  it('ends only when its link is attached, where that is closed before: the broker may be making its queue', async () => {
    const { connection, attach, ends } = given();
    await open(connection).close();
    expect(ends()).toBe(0);
    attach();

    expect(ends()).toBe(1);
  });
});
