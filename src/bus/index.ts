/** The bus: events in, deliveries out, and a probe to watch it by. */
export { DropDelivery } from './drop-delivery.js';
export type { CascadeLimits } from './engine.js';
export type { Event, EventInput } from './event.js';
export {
  EventBus,
  type EventBusOptions,
  type EventFor,
  type EventLog,
  type HandlerFor,
  type TrackedPublish,
} from './event-bus.js';
export { type EventPayloads, EventType, type PayloadOf, type UnknownPayload } from './event-type.js';
export { globalBus, installGlobalBus } from './global-bus.js';
export { isEventType, MAX_TYPE_LENGTH, matcher, parsePattern } from './pattern.js';
export type { AttemptFailure, BusObserver, DeliveryView, Probe } from './probe.js';
export type {
  CascadeReport,
  CloseReport,
  DeliveryOutcome,
  DeliveryReport,
  DeliveryState,
  DropReason,
  PublishReport,
  SubscriberInfo,
} from './report.js';
export type { BusStats, SubscriptionStats } from './stats.js';
export type {
  Backoff,
  Handler,
  HandlerClock,
  HandlerContext,
  Overflow,
  QueueOptions,
  RetryOptions,
  SubscribeOptions,
  Subscription,
} from './subscription-options.js';
export type { WaitForOptions } from './wait-for.js';
