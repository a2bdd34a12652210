/** Where a text stops being JSON. */
export interface JsonFault {
  /** Counted from 1. */
  readonly line: number;
  /** In characters, counted from 1. */
  readonly column: number;
  /** What would have been right there. */
  readonly expected: string;
}

type Step = 'value' | 'value or ]' | 'name' | 'name or }' | ', or ]' | ', or }' | 'end';

const wanted: Readonly<Record<Step, string>> = {
  value: 'a value',
  'value or ]': 'a value or "]"',
  name: 'a property name in double quotes',
  'name or }': 'a property name in double quotes or "}"',
  ', or ]': '"," or "]"',
  ', or }': '"," or "}"',
  end: 'the end of the text',
};

const blank = /[ \t\n\r]*/y;
// A string's parts; one pattern for all of it would overflow the engine's stack on a long text.
const plain = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Finds where a text stops being JSON and what was expected there, or `undefined` where all of it is JSON.
 *
 * Engines say it in words of their own that quote the text, which may be a patient's.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('[' | '{')[] = [];
  let step: Step = 'value';
  let at = 0;

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  const takeMark = (mark: string): boolean => {
    const found = text[at] === mark;
    at += found ? 1 : 0;
    return found;
  };
  const takeString = (): boolean => {
    const start = at;
    if (!takeMark('"')) return false;
    do take(plain);
    while (take(escape));
    const closed = takeMark('"');
    at = closed ? at : start;
    return closed;
  };
  const afterValue = (): Step => (open.length === 0 ? 'end' : open.at(-1) === '[' ? ', or ]' : ', or }');
  const close = (): Step => {
    open.pop();
    return afterValue();
  };
  const fault = (expected: string): JsonFault => ({ ...positionIn(text, at), expected });

  for (;;) {
    take(blank);
    if (step === 'end') {
      return at === text.length ? undefined : fault(wanted.end);
    }
    if ((step === 'value or ]' || step === ', or ]') && takeMark(']')) {
      step = close();
    } else if ((step === 'name or }' || step === ', or }') && takeMark('}')) {
      step = close();
    } else if (step === ', or ]' || step === ', or }') {
      if (!takeMark(',')) return fault(wanted[step]);
      step = step === ', or ]' ? 'value' : 'name';
    } else if (step === 'name' || step === 'name or }') {
      if (!takeString()) return fault(wanted[step]);
      take(blank);
      if (!takeMark(':')) return fault('":"');
      step = 'value';
    } else if (takeMark('[')) {
      open.push('[');
      step = 'value or ]';
    } else if (takeMark('{')) {
      open.push('{');
      step = 'name or }';
    } else if (takeString() || take(scalar)) {
      step = afterValue();
    } else {
      return fault(wanted[step]);
    }
  }
}

function positionIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
