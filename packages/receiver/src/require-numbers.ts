const demands = {
  'above 0': (value: number) => value > 0,
  'finite, and above 0': (value: number) => value > 0 && value < Infinity,
  'finite, and 0 or more': (value: number) => value >= 0 && value < Infinity,
  '0 or more': (value: number) => value >= 0,
} as const;

/** Refuses, at once, numbers among options that would be no limits, NaN among them; options may be left out. @throws {TypeError} */
export function requireNumbers(owner: string, demand: keyof typeof demands, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(typeof value === 'number' && demands[demand](value))) {
      throw new TypeError(`${owner}: ${name} is a number ${demand}.`);
    }
  }
}
