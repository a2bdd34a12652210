// What somebody who requires finds.
const { use } = require('./use.cjs');

use('CJS', {
  amqp091: require('@fhir-messaging/brokers/amqp-0-9-1'),
  amqp10: require('@fhir-messaging/brokers/amqp-1-0'),
  brokers: require('@fhir-messaging/brokers'),
  core: require('@fhir-messaging/core'),
  fhirclient: require('@fhir-messaging/fhirclient'),
  kafka: require('@fhir-messaging/brokers/kafka'),
  messageTopic: require('@fhir-messaging/brokers/message-topic'),
  medplum: require('@fhir-messaging/medplum'),
  indexeddb: require('@fhir-messaging/storage/indexeddb'),
  netsmart: require('@fhir-messaging/netsmart'),
  outbox: require('@fhir-messaging/outbox'),
  receiver: require('@fhir-messaging/receiver'),
  receiverOnNode: require('@fhir-messaging/receiver/node'),
  reactHooks: require('@fhir-messaging/react-hooks'),
  postgres: require('@fhir-messaging/storage/postgres'),
  sandbox: require('@fhir-messaging/sandbox'),
  sqlite: require('@fhir-messaging/storage/sqlite'),
});
