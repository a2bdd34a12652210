/**
 * The URL that a text is, or `undefined`. Not by `URL.canParse`: in a page with fhirclient's browser build `URL` is a polyfill, which does not have it.
 */
export function urlOf(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
