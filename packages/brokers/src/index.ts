// The parts that all brokers share, for a binding of your own.
export { propertiesOf } from './mapping/message-properties.ts';
export type { MessageProperties, PropertyName, PropertyOptions, TraceContext } from './mapping/message-properties.ts';
export { claimed, readClaims, writeProperties } from './mapping/property-table.ts';
export type { Claim, PropertyTable, WrittenProperties } from './mapping/property-table.ts';
export { orderingKeys } from './mapping/ordering-key.ts';
export type { OrderingOptions } from './mapping/ordering-key.ts';
export { brokerTransport } from './exchange/broker-transport.ts';
export type { BrokerLine, BrokerTransportOptions, Publication } from './exchange/broker-transport.ts';
export { waitingReplies } from './exchange/waiting-replies.ts';
export type { WaitingReplies } from './exchange/waiting-replies.ts';
export { consume } from './consume/consume.ts';
export type { ConsumeOptions } from './consume/consume.ts';
export type { BrokerDelivery } from './consume/broker-delivery.ts';
export type { OutgoingReply } from './consume/outgoing-reply.ts';
export type { Verdict } from './consume/verdict.ts';
export type { WorkOptions } from './consume/work-on.ts';
export type { ReplyTargets } from './consume/reply-targets.ts';
