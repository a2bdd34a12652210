import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { whenOpen } from './when-open.ts';

/** A connection that is lost, until it is told to open. */
function lost() {
  let isOpen = false;
  const connection = Object.assign(new EventEmitter(), {
    container: { message: { data_section: () => undefined } },
    create_session: () => {
      throw new Error('not asked for');
    },
    is_open: () => isOpen,
  });
  const set = (open: boolean): void => {
    isOpen = open;
    if (open) connection.emit('connection_open');
  };
  return { connection, set };
}

describe('whenOpen', () => {
  it('listens once to a connection that is lost, however many wait for it, and each time that it is lost', async () => {
    const { connection, set } = lost();
    for (let times = 0; times < 2; times += 1) {
      const waiting = Array.from({ length: 20 }, () => whenOpen(connection));
      expect(connection.listenerCount('connection_open')).toBe(1);
      set(true);
      await Promise.all(waiting);
      expect(connection.listenerCount('connection_open')).toBe(0);
      await whenOpen(connection);
      set(false);
    }
  });
});
