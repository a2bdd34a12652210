import { isUrgency, urgencyInWords } from './urgency.ts';

const known: readonly (readonly [path: RegExp, words: string])[] = [
  [/^ServiceRequest\/priority$/, 'How urgent'],
  [/^ServiceRequest\/note/, 'Note'],
  [/^QuestionnaireResponse\/item\/0\//, 'Why now'],
  [/^QuestionnaireResponse\/item\/1\//, 'When the patient can come'],
  [/^QuestionnaireResponse\/item\/2\//, 'The patient agreed'],
];

/** An element in words, by the type of its resource and its JSON Pointer (RFC 6901); where there are none, the pointer with dots. */
export function elementInWords(type: string, pointer: string): string {
  return known.find(([path]) => path.test(`${type}${pointer}`))?.[1] ?? pointer.slice(1).replaceAll('/', '.');
}

/** Whether an element only names another part: what became of that one says more. */
export function namesAnotherPart(type: string, pointer: string): boolean {
  return /^ServiceRequest\/(reasonReference|insurance|supportingInfo)/.test(`${type}${pointer}`);
}

/** The value at a JSON Pointer, as text to read; `undefined` where there is none. */
export function valueInWords(resource: unknown, pointer: string): string | undefined {
  const value = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(memberOf, resource);
  return isUrgency(value) ? urgencyInWords(value) : inWords(value);
}

function inWords(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') {
    return value;
  }
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  // A list or an object of one text, such as a note, reads better as that text.
  const texts = textsIn(value);
  return texts.length === 0 ? JSON.stringify(value) : texts.join(', ');
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)).get(name) : undefined;
}
