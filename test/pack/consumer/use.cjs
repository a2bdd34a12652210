const assert = require('node:assert/strict');

/** Names that other repositories call: they are there, or an upgrade breaks somebody. */
const promised = {
  amqp091: ['amqpTransport', 'amqpReceiver', 'declareQueues'],
  amqp10: ['amqpTransport', 'amqpReceiver', 'rabbit3Address', 'rabbit4Address'],
  core: [
    'MessagingError', 'graphOf', 'parseGraph', 'newFullUrl', 'updateEntry', 'addEntry', 'removeEntry', 'renameEntry', 'diffGraphs', 'historyOf', 'toMermaid',
    'defineEvent', 'createMessage', 'payloadOf', 'checkMessage', 'readMessage', 'safeReadMessage', 'messagesIn', 'toOperationOutcome',
    'createReply', 'readReply', 'adoptReply', 'adopt', 'processMessageTransport', 'createMessenger', 'readCapabilities',
  ],
  brokers: ['propertiesOf', 'brokerTransport', 'consume'],
  fhirclient: ['smartTransport', 'smartReader', 'grantedScopes', 'scopeCheck'],
  indexeddb: ['indexedDbOutboxStore', 'indexedDbPendingStore'],
  kafka: ['kafkaTransport', 'kafkaReceiver'],
  messageTopic: ['messageTopicTransport', 'createMessageTopic', 'tieSubscription', 'messageOfTopic'],
  medplum: ['medplumTransport', 'medplumReader', 'medplumBot', 'forMedplum'],
  netsmart: ['submitServiceRequest', 'updateServiceRequest', 'netsmart', 'environments', 'traits'],
  outbox: ['createOutbox', 'keepSending'],
  reactHooks: ['MessagingProvider', 'useSubmitMessage', 'useUpdateMessage', 'useMessageDraft', 'useMessagingCapabilities', 'useOutbox', 'messageMutation'],
  receiver: ['createReceiver', 'httpHandler', 'toNodeHandler', 'memoryCache'],
  receiverOnNode: ['publicFetch'],
  postgres: ['createPostgresTables', 'postgresCache', 'postgresOutboxStore', 'postgresPendingStore'],
  sandbox: ['createSandbox'],
  sqlite: ['sqliteCache', 'sqliteOutboxStore', 'sqlitePendingStore'],
};

const bundle = {
  resourceType: 'Bundle',
  type: 'message',
  entry: [
    {
      fullUrl: 'urn:uuid:5f7d1f0e-9a3c-4d6b-8f0a-0c6f0a7c1b11',
      resource: { resourceType: 'MessageHeader', eventUri: 'urn:example:event', source: { endpoint: 'urn:example:me' }, focus: [{ reference: 'https://example.org/fhir/Patient/1' }] },
    },
    { fullUrl: 'https://example.org/fhir/Patient/1', resource: { resourceType: 'Patient', id: '1' } },
  ],
};

/** Looks at every package as it came out of its tarball, and calls it once. */
exports.use = function use(system, packages) {
  for (const [name, loaded] of Object.entries(packages)) {
    const names = Object.keys(loaded).filter((key) => key !== 'default' && key !== 'module.exports');
    assert.notEqual(names.length, 0, `${name} exports nothing`);
    for (const expected of promised[name]) assert.ok(expected in loaded, `${name} does not export ${expected}`);
  }

  const graph = packages.core.graphOf(bundle);
  assert.equal(graph.size, 2);
  assert.equal(graph.get('Patient/1').id, '1');
  const edited = packages.core.updateEntry(graph, 'Patient/1', (patient) => { patient.active = true; });
  assert.equal(edited.get('Patient/1').active, true);
  // A bundler once took the steps that were undone for none (Rollup 4.68).
  assert.equal(packages.core.historyOf(graph).push(edited).undo().redo().present, edited);

  if (process.getBuiltinModule('node:sqlite') === undefined) {
    for (const open of [packages.sqlite.sqliteCache, packages.sqlite.sqliteOutboxStore]) {
      assert.throws(() => open(':memory:'), { name: 'MessagingError', code: 'platform.unsupported' });
    }
  } else {
    packages.sqlite.sqliteCache(':memory:').close();
  }

  const kafkaTransport = () => packages.kafka.kafkaTransport({ send: () => Promise.resolve() }, { topic: 'any' });
  if (Promise.withResolvers === undefined) {
    assert.throws(kafkaTransport, { name: 'MessagingError', code: 'platform.unsupported' });
  } else {
    assert.equal(typeof kafkaTransport(), 'function');
  }

  if (globalThis.WebSocket === undefined) {
    void assert.rejects(packages.sandbox.createSandbox(), { name: 'MessagingError', code: 'platform.unsupported' });
  }
  // On a Node that Medplum's own client does not load on, too.
  const client = { fhirUrl: (path = '') => new URL(`https://fhir.example.org/r4/${path}`), getAccessToken: () => undefined, refreshIfExpired: () => Promise.resolve() };
  assert.equal(packages.medplum.medplumReader(client).baseUrl, 'https://fhir.example.org/r4');
  assert.equal(typeof packages.medplum.medplumTransport(client), 'function');

  console.log(`${system} on Node ${process.versions.node}: loaded and called`);
};
