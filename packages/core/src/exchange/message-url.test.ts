import { describe, expect, it } from 'vitest';
import { messageUrl } from './message-url.ts';

const path = '$process-message';

describe('messageUrl', () => {
  it.each([
    ['the operation goes below the base', 'https://a.example/r4', path, 'https://a.example/r4/$process-message'],
    ['slashes between them are one', 'https://a.example/r4//', path, 'https://a.example/r4/$process-message'],
    ['an empty base is the server that the page is from', '', path, '/$process-message'],
    ['a base that is the operation already is not given it twice', 'https://a.example/r4/$process-message', path, 'https://a.example/r4/$process-message'],
    ['not behind a slash either', 'https://a.example/r4/$process-message/', path, 'https://a.example/r4/$process-message'],
    ['nor percent-encoded', 'https://a.example/r4/%24process-message', path, 'https://a.example/r4/%24process-message'],
    ["nor in the plural that Ocean and a misprint of R4 have", 'https://a.example/r4/$process-messages', path, 'https://a.example/r4/$process-messages'],
    ["nor before a fragment, where EPS puts the event", 'https://a.example/r4/$process-message#order', path, 'https://a.example/r4/$process-message'],
    ['another path is taken as it is', 'https://a.example', '/MA/Bundle', 'https://a.example/MA/Bundle'],
    ['and not written twice', 'https://a.example/MA/Bundle', 'MA/Bundle', 'https://a.example/MA/Bundle'],
    ['an empty path is the base itself', 'https://a.example/inbox/', '', 'https://a.example/inbox'],
    ['a query of the base stays behind the path', 'https://a.example/r4?tenant=7', path, 'https://a.example/r4/$process-message?tenant=7'],
    ['a query of the path stays too', 'https://a.example/r4', 'Bundle?strict=1', 'https://a.example/r4/Bundle?strict=1'],
    ['a base that only resembles the operation gets it', 'https://a.example/x$process-message', path, 'https://a.example/x$process-message/$process-message'],
  ])('%s', (_, baseUrl, below, expected) => {
    expect(messageUrl({ baseUrl, path: below })).toBe(expected);
  });

  it('asks for an asynchronous exchange by async=true and a percent-encoded response-url', () => {
    const url = messageUrl({ baseUrl: 'https://a.example?tenant=7', path, async: true, responseUrl: 'https://b.example/in?a=1&b=2' });

    expect(url).toBe('https://a.example/$process-message?tenant=7&async=true&response-url=https%3A%2F%2Fb.example%2Fin%3Fa%3D1%26b%3D2');
    expect(new URL(url).searchParams.get('response-url')).toBe('https://b.example/in?a=1&b=2');
  });

  it('has no parameters for a synchronous one', () => {
    expect(messageUrl({ baseUrl: 'https://a.example', path, async: false })).toBe('https://a.example/$process-message');
  });
});
