/** What a sender wrote, as a search takes it: a comma in it makes no two of it. */
export function searchValue(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&');
}
