import type { Message, ReadPayloadOf, ResponseCode } from '@fhir-messaging/core';
import type { submitServiceRequest } from '@fhir-messaging/netsmart';

/** A message that kept its contract and was processed; a resend that is answered from memory is not here again. */
export interface ReceivedMessage {
  readonly event: 'submit-service-request' | 'update-service-request';
  /** The message, as it was read; the contracts of both events hold the same resources. */
  readonly message: Message<typeof submitServiceRequest>;
  /** The message's resources, by the slots of the contract. */
  readonly payload: ReadPayloadOf<typeof submitServiceRequest>;
  /** The `client_id` of the app that sent it. */
  readonly sender: string | undefined;
  /** The `response.code` of its reply. */
  readonly code: ResponseCode;
  readonly at: Date;
}
