import { artemisJars } from './artemis/artemis-broker.ts';
import { artemisUnderContract } from './artemis/artemis-under-contract.ts';
import { brokerContract } from './broker-contract.ts';

const jars = artemisJars();

brokerContract('AMQP 1.0, ActiveMQ Artemis, plainAddress and dynamic replies', jars === undefined ? undefined : () => artemisUnderContract(jars));
