import { createReceiver } from '@fhir-messaging/receiver';
import { afterEach, describe, expect, it } from 'vitest';
import { kafkaReceiver } from './kafka-receiver.ts';
import { kafkaTransport } from './kafka-transport.ts';

const producer = { send: () => Promise.resolve() };
const consumer = (): never => {
  throw new Error('nothing is connected');
};

describe('on a Node that the client does not run on', () => {
  const withResolvers = Object.getOwnPropertyDescriptor(Promise, 'withResolvers');
  afterEach(() => {
    if (withResolvers !== undefined) Object.defineProperty(Promise, 'withResolvers', withResolvers);
  });

  it('a transport and a receiver answer platform.unsupported, before anything is connected', () => {
    // What it lacks there is this.
    Reflect.deleteProperty(Promise, 'withResolvers');

    expect(() => kafkaTransport(producer, { topic: 'any' })).toThrow(expect.objectContaining({ code: 'platform.unsupported', delivery: 'no' }));
    expect(() => kafkaReceiver(createReceiver({ source: 'https://ward.example.org' }), { topic: 'any', producer, consumer })).toThrow(expect.objectContaining({ code: 'platform.unsupported' }));
  });

  it('elsewhere a transport is there at once', () => {
    expect(kafkaTransport(producer, { topic: 'any' })).toBeTypeOf('function');
  });
});
