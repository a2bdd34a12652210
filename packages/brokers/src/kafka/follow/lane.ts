import type { KafkaRecord } from '../kafka-client.ts';

/** Deals with one record. The record is done for good when it resolves; an error ends the whole session. */
export type HandleRecord = (record: KafkaRecord, work: LaneWork) => Promise<void>;

/** A lane's means for the handler of a record. */
export interface LaneWork {
  /** Aborts when the record's partition is somebody else's, or nobody's: the record is then not done. */
  readonly signal: AbortSignal;
  /** Waits before the next attempt, as do the records behind. Rejects as soon as no new work is to begin; the handler is to pass that error on. */
  readonly hold: (delayMs: number) => Promise<void>;
}

/** One partition, while this member has it: its records one after the other. */
export interface Lane {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next record to take in. */
  readonly wanted: bigint;
  /** The offset below which everything is done. */
  readonly done: bigint;
  /** Whether there is room; always in a lane that is held, or has missed a record: it drops records it has no place for, and wants them again later. */
  readonly hasRoom: boolean;
  /** Takes a record in; one that finds no place is missed, and so are all behind it. */
  offer(record: KafkaRecord): void;
  /** Takes records in again; the next one offered is the one wanted. */
  reopen(): void;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

/** The options of a lane. */
export interface LaneOptions {
  readonly topic: string;
  readonly partition: number;
  readonly start: bigint;
  readonly capacity: number;
  readonly handle: HandleRecord;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when no new work may begin, and none may wait for its next attempt. */
  readonly stopped: AbortSignal;
  /** Aborts when running work may not go on either. */
  readonly ended: AbortSignal;
  /** Is told when a record is done. */
  readonly onDone: () => void;
  /** Is told when there is room again, or none is needed. */
  readonly onRoom: () => void;
  /** Is told when missed records are wanted again. */
  readonly onMissed: () => void;
  readonly onError: (error: unknown) => void;
}

/** A lane that starts at an offset. */
export function startLane({ topic, partition, start, capacity, handle, wait, stopped, ended, onDone, onRoom, onMissed, onError }: LaneOptions): Lane {
  const waiting: KafkaRecord[] = [];
  let wanted = start;
  let done = start;
  let isHeld = false;
  let hasMissed = false;
  let isBusy = false;
  let running = Promise.resolve();

  const hold = async (delayMs: number): Promise<void> => {
    isHeld = true;
    onRoom();
    await wait(delayMs, stopped);
    stopped.throwIfAborted();
    isHeld = false;
  };
  const run = async (): Promise<void> => {
    for (;;) {
      const record = stopped.aborted ? undefined : waiting.shift();
      if (record === undefined) {
        isBusy = false;
        return;
      }
      onRoom();
      await handle(record, { signal: ended, hold });
      if (ended.aborted) {
        return;
      }
      done = record.offset + 1n;
      onDone();
      if (hasMissed && waiting.length === 0) {
        onMissed();
      }
    }
  };
  const begin = (): void => {
    if (isBusy) return;
    isBusy = true;
    running = run().catch((error: unknown) => {
      if (!ended.aborted && error !== stopped.reason) onError(error);
    });
  };
  return {
    topic,
    partition,
    get wanted() {
      return wanted;
    },
    get done() {
      return done;
    },
    get hasRoom() {
      return isHeld || hasMissed || waiting.length < capacity;
    },
    offer(record) {
      if (stopped.aborted || record.offset < wanted) {
        return;
      }
      if (hasMissed || waiting.length >= capacity) {
        hasMissed = true;
        return;
      }
      waiting.push(record);
      wanted = record.offset + 1n;
      begin();
    },
    reopen() {
      hasMissed = false;
    },
    idle: () => running,
  };
}
