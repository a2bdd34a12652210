/** A time of day, to the second, in UTC. */
export function timeOf(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}
