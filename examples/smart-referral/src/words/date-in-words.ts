const format = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

/** A date of FHIR for a reader; one that is only a month or a year stays as it is. */
export function dateInWords(date: string | undefined): string {
  if (date === undefined) {
    return 'at an unknown time';
  }
  // A day is the same day everywhere: the time of day, where there is one, is left out with its zone.
  const [day] = /^\d{4}-\d{2}-\d{2}/.exec(date) ?? [];
  return day === undefined ? date : format.format(new Date(day));
}

/** A moment for a reader, in the reader's own time. */
export function momentInWords(moment: string | undefined): string {
  return moment === undefined ? 'at an unknown time' : new Date(moment).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}
