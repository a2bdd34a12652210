const canonical = 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message';

/** How a statement offers `$process-message`: HL7's definition, or one of its own that it contains. */
export interface OfferedOperation {
  readonly definition: string;
  readonly contained: readonly object[];
}

/**
 * The operation that a receiver offers. HL7's definition claims all of it; a receiver that answers on the same connection only has a definition
 * of its own, based on HL7's, without `async` and `response-url`.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 */
export function processMessageOperation(isAsyncOffered: boolean): OfferedOperation {
  return isAsyncOffered ? { definition: canonical, contained: [] } : { definition: `#${synchronous.id}`, contained: [synchronous] };
}

const synchronous = {
  resourceType: 'OperationDefinition',
  id: 'process-message',
  name: 'ProcessMessage',
  status: 'active',
  kind: 'operation',
  affectsState: true,
  code: 'process-message',
  base: canonical,
  resource: ['MessageHeader'],
  system: true,
  type: false,
  instance: false,
  parameter: [
    { name: 'content', use: 'in', min: 1, max: '1', type: 'Bundle' },
    { name: 'return', use: 'out', min: 0, max: '1', type: 'Bundle' },
  ],
};
