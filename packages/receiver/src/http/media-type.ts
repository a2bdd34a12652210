const json: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json']);

const ranges: ReadonlySet<string> = new Set([...json, 'application/*', '*/*']);

/** The kind of a body by its `Content-Type`: JSON that can be read, XML, or neither. */
export function bodyKind(contentType: string | null): 'json' | 'xml' | 'other' {
  const { type, parameters } = parse(contentType ?? '');
  if (/^(application|text)\/(fhir\+)?xml$/.test(type)) {
    return 'xml';
  }
  const charset = parameters.get('charset') ?? 'utf-8';
  return json.has(type) && /^"?(utf-8|utf8|us-ascii)"?$/.test(charset) ? 'json' : 'other';
}

/** Whether an `Accept` header allows FHIR's JSON, as a missing one does. */
export function acceptsJson(accept: string | null): boolean {
  return (
    accept === null ||
    accept.trim() === '' ||
    accept.split(',').some((part) => {
      const { type, parameters } = parse(part);
      return ranges.has(type) && Number(parameters.get('q') ?? 1) > 0;
    })
  );
}

function parse(text: string): { readonly type: string; readonly parameters: ReadonlyMap<string, string> } {
  const [type = '', ...rest] = text.toLowerCase().split(';').map((part) => part.trim());
  return { type, parameters: new Map(rest.map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()])) };
}
