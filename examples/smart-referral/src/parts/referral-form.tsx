import type { MessageDraft } from '@fhir-messaging/react-hooks';
import type { FhirResource, QuestionnaireResponseItem } from 'fhir/r4';
import { useId, useRef } from 'react';
import type { ReactElement } from 'react';
import { leaveOut, optionalEntries, orderNameIn } from './leave-out.ts';
import { nameInWords } from '../words/name-in-words.ts';
import { urgencies, urgencyInWords } from '../words/urgency.ts';

/** What of a referral may be changed. Each field is one step to undo, however much is typed into it. */
export function ReferralForm({ draft }: { readonly draft: MessageDraft<FhirResource> }): ReactElement {
  const { graph } = draft.state;
  const orderName = orderNameIn(graph);
  const order = graph.get(orderName);
  const note = order?.note?.[0]?.text ?? '';
  const [form] = graph.all('QuestionnaireResponse');
  const formKey = graph.entries.find(({ resource }) => resource === form)?.key ?? '';
  const id = useId();

  const answer = (position: number, given: NonNullable<QuestionnaireResponseItem['answer']>[number], group: string): void => {
    draft.edit(
      formKey,
      (resource) => {
        if (resource.resourceType !== 'QuestionnaireResponse') return;
        const item = resource.item?.[position];
        if (item) item.answer = [given];
      },
      { group },
    );
  };

  return (
    <fieldset className="form">
      <legend>
        <h2>What the referral says</h2>
      </legend>
      <fieldset className="urgency">
        <legend>How urgent is it?</legend>
        {urgencies.map((urgency) => (
          <label key={urgency}>
            <input
              type="radio"
              name={`${id}-urgency`}
              checked={(order?.priority ?? 'routine') === urgency}
              onChange={() =>
                draft.edit(orderName, (edited) => {
                  edited.priority = urgency;
                })
              }
            />{' '}
            {urgencyInWords(urgency)}
          </label>
        ))}
      </fieldset>
      {form?.item?.map((item, position) =>
        item.answer?.[0]?.valueBoolean === undefined ? (
          <div key={item.linkId}>
            <label htmlFor={`${id}-${item.linkId}`}>{item.text}</label>
            <textarea
              id={`${id}-${item.linkId}`}
              rows={2}
              value={item.answer?.[0]?.valueString ?? ''}
              onChange={({ target }) => answer(position, { valueString: target.value }, item.linkId)}
            />
          </div>
        ) : (
          <label key={item.linkId}>
            <input type="checkbox" checked={item.answer[0].valueBoolean} onChange={({ target }) => answer(position, { valueBoolean: target.checked }, `${item.linkId} ${target.checked}`)} /> {item.text}
          </label>
        ),
      )}
      <div>
        <label htmlFor={`${id}-note`}>A note for those who receive it</label>
        <textarea
          id={`${id}-note`}
          rows={2}
          value={note}
          onChange={({ target }) =>
            draft.edit(
              orderName,
              (edited) => {
                if (target.value === '') delete edited.note;
                else edited.note = [{ text: target.value }];
              },
              { group: 'note' },
            )
          }
        />
      </div>
      <LeaveOutList draft={draft} />
    </fieldset>
  );
}

function LeaveOutList({ draft }: { readonly draft: MessageDraft<FhirResource> }): ReactElement {
  const entries = optionalEntries(draft.state.graph);
  const heading = useRef<HTMLHeadingElement>(null);
  const omit = (key: string): void => {
    draft.change((graph) => leaveOut(graph, key));
    heading.current?.focus();
  };
  return (
    <div>
      <h3 ref={heading} tabIndex={-1}>
        What goes along
      </h3>
      {entries.length === 0 && <p className="soft">Nothing beside what is needed.</p>}
      <ul className="attachments">
        {entries.map(({ key, resource }) => {
          const { what, which } = nameInWords(resource);
          return (
            <li key={key}>
              <span>
                <strong>{what}</strong> {which}
              </span>
              <button type="button" className="plain" onClick={() => omit(key)}>
                Leave out <span className="unseen">{`${what} ${which}`}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
