import { useOutbox } from '@fhir-messaging/react-hooks';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { DeliveryPanel } from './delivery-panel.tsx';
import type { PanelButton } from './delivery-panel.tsx';
import { actionsFor } from './message-actions.ts';
import type { MessageAction } from './message-actions.ts';
import type { Session } from '../session/open-session.ts';
import { sayMessage } from '../words/say-message.ts';
import type { Setting } from '../words/say-message.ts';
import { useOnline } from './use-online.ts';

interface MessagePanelProps extends Pick<Setting, 'what' | 'isNext'> {
  readonly name: string;
  readonly label?: string | undefined;
  readonly message: QueuedMessage;
  readonly session: Session;
  /** What can be done beside what is done about every message like it. */
  readonly more?: readonly PanelButton[];
  /** Is told before a message is taken back, which is then gone. */
  readonly onTakeBack?: ((message: QueuedMessage) => void) | undefined;
}

/** What became of one message, and what a person can do about it. */
export function MessagePanel({ name, label, message, session, what, isNext, more = [], onTakeBack }: MessagePanelProps): ReactElement {
  const { id, state, dueAtMs, sends, content } = message;
  const { durability, recognisedMinutes } = session;
  const isOnline = useOnline();
  const outbox = useOutbox();
  const run: Readonly<Record<MessageAction['does'], () => void>> = {
    retry: () => void outbox.retry(id),
    arrived: () => void outbox.decide(id, 'processed'),
    notArrived: () => void outbox.decide(id, 'not-processed'),
    cancel() {
      onTakeBack?.(message);
      void outbox.cancel(id);
    },
    forget() {
      onTakeBack?.(message);
      void outbox.remove(id);
    },
  };
  const isCounted = isOnline && state === 'pending' && sends > 0 && !isNext;
  return (
    <DeliveryPanel
      name={name}
      label={label}
      saying={sayMessage(message, { what, isNext, isOnline, durability, recognisedMinutes })}
      issues={state === 'replied' ? [] : (content?.issues ?? [])}
      voice="other side"
      dueAtMs={isCounted ? dueAtMs : undefined}
      buttons={[...actionsFor(message, isOnline).map(({ label, does, isPlain }) => ({ label, isPlain, press: run[does] })), ...more]}
    />
  );
}
