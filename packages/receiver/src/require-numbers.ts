/** What a number may have to be. */
type Demand = 'above 0' | 'finite, and above 0' | 'finite, and 0 or more' | '0 or more';

const demands: Readonly<Record<Demand, (value: number) => boolean>> = {
  'above 0': (value) => value > 0,
  'finite, and above 0': (value) => value > 0 && value < Infinity,
  'finite, and 0 or more': (value) => value >= 0 && value < Infinity,
  '0 or more': (value) => value >= 0,
};

/** Refuses, at once, numbers among options that would be no limits, NaN among them; options may be left out. @throws {TypeError} */
export function requireNumbers(owner: string, demand: Demand, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(typeof value === 'number' && demands[demand](value))) {
      throw new TypeError(`${owner}: ${name} is a number ${demand}.`);
    }
  }
}
