import type { LookupOptions } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { checkedLookup } from './checked-lookup.ts';
import type { ResolveName } from './checked-lookup.ts';

/** What a socket is given to connect to, or why it is given nothing. */
function lookUp(resolve: ResolveName, options: LookupOptions): Promise<unknown> {
  return new Promise((settle) => {
    checkedLookup(resolve)('app.example', options, (error, address, family) => settle(error ?? [address, family]));
  });
}

describe('checkedLookup', () => {
  const both = [
    { address: '93.184.215.14', family: 4 },
    { address: '2606:2800:21f:cb07::1', family: 6 },
  ];

  it('gives a connection the very addresses that were checked', async () => {
    expect(await lookUp(async () => both, { all: true })).toEqual([both, undefined]);
    expect(await lookUp(async () => both, {})).toEqual(['93.184.215.14', 4]);
  });

  it('a name that answers public first and loopback next: the first connection has the public address, the next one none (DNS rebinding)', async () => {
    const answers = [[{ address: '93.184.215.14', family: 4 }], [{ address: '127.0.0.1', family: 4 }]];
    const rebinding: ResolveName = async () => answers.shift() ?? [];

    expect(await lookUp(rebinding, {})).toEqual(['93.184.215.14', 4]);
    expect(await lookUp(rebinding, {})).toMatchObject({ code: 'address.refused' });
  });

  it('says what kept a name from being resolved', async () => {
    expect(await lookUp(() => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })), {})).toMatchObject({ code: 'ENOTFOUND' });
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a resolver of somebody else's may
    expect(await lookUp(() => Promise.reject('no'), {})).toBeInstanceOf(Error);
  });
});
