import { observeDraft, observeSubmission, observeUpdate } from '@fhir-messaging/core';
import type { Draft, Messenger, PayloadOf, SubmissionState } from '@fhir-messaging/core';
import { forMedplum } from '@fhir-messaging/medplum';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { messageMutation, useSubmitMessage, useUpdateMessage } from '@fhir-messaging/react-hooks';
import type * as medplum from '@medplum/fhirtypes';
import { useMutation } from '@tanstack/react-query';
import type { FhirResource, Patient } from 'fhir/r4';
import { describe, expectTypeOf, it } from 'vitest';

declare const messenger: Messenger;
declare const payload: PayloadOf<typeof submitServiceRequest>;

describe('observers and hooks carry the types of their event', () => {
  it('a submission takes the payload of its event, and its states have the message of it', () => {
    const submission = observeSubmission(messenger, submitServiceRequest);
    void submission.submit(payload);
    // @ts-expect-error a patient is missing
    void submission.submit({ ServiceRequest: payload.ServiceRequest });
    const state = submission.getState();
    if (state.kind === 'done') expectTypeOf(state.message.graph.get('Patient/1')).toEqualTypeOf<Patient | undefined>();
    // @ts-expect-error only where something was sent is there a message
    void state.message;
  });

  it("Medplum's types go through a submission, its updates and its draft", () => {
    const submission = observeSubmission(messenger, forMedplum(submitServiceRequest));
    const state = submission.getState();
    if (state.kind !== 'done') return;
    const update = observeUpdate(messenger, forMedplum(updateServiceRequest), state);
    const draft = observeDraft(update.getAdopted().graph);
    draft.edit('Patient/1', (patient) => {
      expectTypeOf(patient).toEqualTypeOf<medplum.Patient>();
    });
    draft.edit('Patient/1', (patient) => ({ ...patient, gender: 'male' }));
    // @ts-expect-error no gender of FHIR
    draft.edit('Patient/1', (patient) => ({ ...patient, gender: 'm' }));
    void update.submit(draft.getState().graph);
  });

  it('a draft of a message is a draft of its graph', () => {
    expectTypeOf(observeDraft(messenger.create(submitServiceRequest, payload))).toEqualTypeOf<Draft<FhirResource>>();
  });

  it('hooks fit one another', () => {
    const submitted = useSubmitMessage(submitServiceRequest, { key: '1' });
    if (submitted.state.kind === 'done') useUpdateMessage(updateServiceRequest, submitted.state);
    // @ts-expect-error what was not answered cannot be updated
    if (submitted.state.kind === 'failed') useUpdateMessage(updateServiceRequest, submitted.state);
  });

  it('what was taken over is not updated before its reply came, which says the ids', async () => {
    const state = observeSubmission(messenger, submitServiceRequest).getState();
    if (state.kind !== 'accepted') return;
    // @ts-expect-error the reply comes later
    observeUpdate(messenger, updateServiceRequest, state);
    // @ts-expect-error the reply comes later
    useUpdateMessage(updateServiceRequest, state);
    const reply = await state.reply.later;
    if (reply?.kind === 'ok') observeUpdate(messenger, updateServiceRequest, { message: state.message, reply });
  });

  it('what was rejected is not updated: its reply assigned no ids', () => {
    const state = observeSubmission(messenger, submitServiceRequest).getState();
    if (state.kind !== 'rejected') return;
    // @ts-expect-error it was not processed
    observeUpdate(messenger, updateServiceRequest, state);
    // @ts-expect-error it was not processed
    useUpdateMessage(updateServiceRequest, state);
  });

  it("useMutation of TanStack Query takes what messageMutation gives", () => {
    const mutation = useMutation(messageMutation(messenger, submitServiceRequest));
    mutation.mutate(payload);
    // @ts-expect-error not a payload
    mutation.mutate({});
  });

  it('a switch over the states is complete', () => {
    const kinds = (state: SubmissionState): string => {
      switch (state.kind) {
        case 'idle':
        case 'checking':
        case 'sending':
        case 'accepted':
        case 'done':
        case 'invalid':
        case 'refused':
        case 'rejected':
        case 'failed':
        case 'mayHaveArrived':
          return state.kind;
      }
    };
    expectTypeOf(kinds).returns.toBeString();
  });
});
