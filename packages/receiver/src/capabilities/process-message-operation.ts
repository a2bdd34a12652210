const canonical = 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message';

/** How a statement offers `$process-message`: HL7's definition, or one of its own that it contains. */
export interface OfferedOperation {
  readonly definition: string;
  readonly contained: readonly object[];
}

/**
 * What a receiver offers. HL7's definition claims all of the operation; where messages are answered on the same connection only, one of its
 * own, based on HL7's, leaves `async` and `response-url` out.
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
