import { observeReading } from '@fhir-messaging/core';
import type { AssemblyOptions } from '@fhir-messaging/core';
import { useObserved } from '@fhir-messaging/react-hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { readOne } from '../session/read-record.ts';
import { dateInWords } from '../words/date-in-words.ts';
import { personName } from '../words/name-in-words.ts';

/** Whom everything on the screen is about, always in sight. */
export function PatientBanner({ patientId, reader }: { readonly patientId: string; readonly reader: AssemblyOptions }): ReactElement {
  const [reading] = useState(() => observeReading(({ signal }) => readOne(reader, 'Patient', patientId, signal)));
  const state = useObserved(reading);
  return (
    <header className="banner">
      <p className="app-name">Refer a patient</p>
      <p className="patient">
        {state.kind === 'ready' ? (
          <>
            <strong>{personName(state.value.name)}</strong> <span>born {dateInWords(state.value.birthDate)}</span>
          </>
        ) : state.kind === 'failed' ? (
          'The patient could not be read'
        ) : (
          'Reading the patient…'
        )}
      </p>
    </header>
  );
}
