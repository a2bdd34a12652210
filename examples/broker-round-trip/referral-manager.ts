// The process that handles referrals: node referral-manager.ts <broker's URL>. It ends with its parent.
import { createReceiver } from '@fhir-messaging/receiver';
import { brokerAt } from './broker-at.ts';
import { referral } from './referral.ts';

const broker = brokerAt(process.argv[2] ?? '');
const receiver = createReceiver({ source: 'https://manager.example.org' }).on(referral, ({ payload: { ServiceRequest: order } }) => {
  console.log(`manager: ${order.id} is taken`);
  return { focus: [{ ...order, status: 'active', identifier: [{ system: 'https://manager.example.org/referrals', value: crypto.randomUUID() }] }] };
});
const receiving = await broker.receive(receiver);
process.send?.('ready');
process.on('disconnect', () => {
  void receiving.close().then(() => broker.close());
});
