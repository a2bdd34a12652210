import {
  adoptReply,
  checkMessage,
  createMessenger,
  diffGraphs,
  isError,
  newFullUrl,
  processMessageTransport,
  readMessage,
  renameEntry,
  safeReadMessage,
  toMermaid,
  updateEntry,
} from '@fhir-messaging/core';
import type { BundleGraph, Message, MessageReply, Reply } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { drawTree } from './draw-tree.ts';
import { code, expect, heading, issueList, line } from './print.ts';
import { readSample, tolerant } from './read-sample.ts';
import type { ReferralManager } from './referral-manager.ts';

/** One referral, from a documentation sample to its second version at the referral manager. */
export async function tellTheStory(manager: ReferralManager): Promise<void> {
  await readWhatIsPublished();
  const sample = await readRepairedSample();

  heading('3  A referral is composed');
  const graph = asNewReferral(sample);
  const messenger = createMessenger({
    transport: processMessageTransport({ baseUrl: manager.baseUrl }),
    source: 'https://clinic.example.org/fhir',
    destination: manager.baseUrl,
    identity: netsmart,
  });
  const submission = messenger.create(submitServiceRequest, graph);
  expect(checkMessage(submission, { event: submitServiceRequest }).filter(isError).length === 0, 'it keeps every rule of R4 and of its contract');
  drawTree(submission.graph).forEach(line);

  heading('4  It is submitted');
  code(`POST ${manager.baseUrl}/$process-message`);
  const submitted = okReply(await messenger.send(submission));
  const adopted = adoptReply(submission, submitted.message);
  expect(adopted.issues.length === 0, 'the reply says for certain what every resource is called now');
  for (const { from, to, by } of adopted.assigned.filter(({ from, to }) => from !== to)) {
    line(`${shorten(from)} is now ${to} (${by})`);
  }

  heading('5  The referral is changed, as an edit that leaves the first one as it was');
  const referral = adopted.assigned.find(({ from }) => submission.graph.get(from)?.resourceType === 'ServiceRequest')?.to ?? '';
  const urgent = updateEntry(adopted.graph, referral, (resource) => {
    if (resource.resourceType === 'ServiceRequest') {
      resource.priority = 'urgent';
      resource.note = [{ text: 'The family asks for a date this week.' }];
    }
  });
  for (const { key, patch } of diffGraphs(adopted.graph, urgent).changed) {
    line(key);
    patch.forEach((step) => {
      code(JSON.stringify(step));
    });
  }
  expect(urgent.all('Patient')[0] === adopted.graph.all('Patient')[0], 'every resource that the edit did not touch is the very same object');

  heading('6  The update is sent');
  const update = messenger.create(updateServiceRequest, urgent);
  code(`POST ${manager.baseUrl}/$process-message`);
  okReply(await messenger.send(update));
  const versions = manager.referrals.get(referral) ?? [];
  expect(manager.referrals.size === 1 && versions.length === 2, 'the referral manager holds one referral in two versions');
  expect(manager.lastChange(referral).length === 1, 'and sees that one resource changed');

  heading('7  The graph as a picture, for any Mermaid viewer');
  toMermaid(update.graph).trimEnd().split('\n').forEach(code);
  line();
  expect(true, 'submit-service-request: ok');
  expect(true, 'update-service-request: ok');
  await messenger.close();
}

async function readWhatIsPublished(): Promise<void> {
  heading("1  Netsmart's sample as its documentation prints it");
  const published = await readSample('as-published.txt');
  const { issues } = safeReadMessage(published);
  issueList(issues);
  expect(issues.some(({ rule }) => rule === 'json.invalid'), 'it is not JSON, and the error says where');
  const withComments = safeReadMessage(published, { parse: tolerant });
  expect(withComments.message === undefined, 'nor JSON with comments: its braces do not match, so nothing is guessed');
}

async function readRepairedSample(): Promise<Message<undefined>> {
  heading('2  The same with its JSON repaired');
  const sample = readMessage(await readSample('json'));
  drawTree(sample.graph).forEach(line);
  line();
  expect(sample.graph.size === 11 && sample.graph.unresolved().length === 0, '11 entries, and every reference leads to one of them by fullUrl');
  line('Read leniently it is a message; written like this it would not be one:');
  issueList(checkMessage(sample, { event: updateServiceRequest }).filter(isError));
  return sample;
}

/** The sample as a referral that no server has named yet, with ids that agree with their URLs. */
function asNewReferral({ graph }: Message<undefined>): BundleGraph {
  const agreeing = graph.entries.slice(1).reduce(
    (mended, { key }) =>
      updateEntry(mended, key, (resource) => {
        resource.id = key.split('/').at(-1);
        for (const name of resource.resourceType === 'Patient' ? (resource.name ?? []) : []) {
          if (name.suffix) name.suffix = [name.suffix].flat();
        }
      }),
    graph,
  );
  line("The sample is mended by edits: each id follows its fullUrl, and a name's suffix is a list.");
  const fresh = newFullUrl();
  const renamed = renameEntry(agreeing, 'ServiceRequest/123456', fresh);
  line(`ServiceRequest/123456 becomes ${shorten(fresh)}: ${renamed.linksTo(fresh).length} references to it follow.`);
  return updateEntry(renamed, fresh, (resource) => {
    delete resource.id;
  });
}

function okReply(reply: Reply): MessageReply {
  issueList(reply.issues);
  if (reply.kind !== 'ok') {
    throw new Error(`The reply is ${reply.kind}, not ok.`);
  }
  expect(true, `reply: ok, answering our ${reply.matched ?? 'message'}, after ${reply.attempts} attempt`);
  return reply;
}

function shorten(fullUrl: string): string {
  return fullUrl.startsWith('urn:uuid:') ? `${fullUrl.slice(0, 17)}…` : fullUrl;
}
