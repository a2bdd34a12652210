import type { Issue, Message } from '@fhir-messaging/core';

type EntryResource = NonNullable<NonNullable<Message['bundle']['entry']>[number]['resource']>;

/** Checks each resource of a message, its header too; what is found of one has its path from the Bundle. */
export async function checkEach(message: Message, check: (resource: EntryResource) => readonly Issue[] | Promise<readonly Issue[]>): Promise<readonly Issue[]> {
  const found = (message.bundle.entry ?? []).map(async ({ resource }, position) => {
    const issues = resource === undefined ? [] : await check(resource);
    return issues.map((issue) => ({ ...issue, expression: (issue.expression ?? ['']).map((path) => inMessage(position, path)) }));
  });
  return (await Promise.all(found)).flat();
}

/** `Patient.name[0]` as `Bundle.entry[2].resource.name[0]`. */
function inMessage(position: number, path: string): string {
  return `Bundle.entry[${position}].resource${path.replace(/^[^.[]*/, '')}`;
}
