import type { PendingRecord, PendingStore } from './pending-store.ts';

/** Keeps requests in this process, as long as it runs: what a messenger has that is given no `pending` store. */
export function memoryPendingStore(): PendingStore {
  return storeIn(new Map());
}

/** The same in a Map of one's own; each method has done its work when it returns. @internal */
export function storeIn(records: Map<string, PendingRecord>): PendingStore {
  return {
    async put(request) {
      const { ids, replies } = records.get(request.key) ?? { ids: [], replies: [] };
      const added = request.ids.filter(({ source, value, system }) => !ids.some((id) => id.source === source && id.value === value && id.system === system));
      records.set(request.key, { ...request, ids: [...ids, ...added], replies });
      return Promise.resolve();
    },
    async find(value) {
      return Promise.resolve([...records.values()].filter(({ ids }) => ids.some((id) => id.value === value)));
    },
    async settle(key, replyId) {
      const record = records.get(key);
      if (record && !record.replies.includes(replyId)) {
        records.set(key, { ...record, replies: [...record.replies, replyId] });
      }
      return Promise.resolve(record?.replies);
    },
    async expire(nowMs) {
      for (const { key, keepUntilMs } of records.values()) {
        if (keepUntilMs < nowMs) records.delete(key);
      }
      return Promise.resolve();
    },
  };
}
