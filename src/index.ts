/**
 * cf-bus as a library: the bus, its event types, its log.
 *
 * ```ts
 * import { EventBus, EventType, getEventBus } from 'cf-bus';
 *
 * const bus = getEventBus();
 * bus.subscribe(EventType.INDEX_UPDATED, async (event) => console.log(event.payload.files_indexed));
 * await bus.publish({
 *   type: EventType.INDEX_UPDATED,
 *   payload: { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 },
 *   traceId: 'req-12345',
 * });
 * ```
 */
import { EventBus, globalBus } from './bus/index.js';
import { Ids } from './kernel/index.js';
import { defaultLogFile, openLog } from './record/index.js';

export {
  type AttemptFailure,
  type Backoff,
  type BusObserver,
  type BusStats,
  type CascadeLimits,
  type CascadeReport,
  type CloseReport,
  type DeliveryOutcome,
  type DeliveryReport,
  type DeliveryState,
  type DeliveryView,
  type DropReason,
  type Event,
  EventBus,
  type EventBusOptions,
  type EventFor,
  type EventInput,
  type EventLog,
  type EventPayloads,
  EventType,
  type Handler,
  type HandlerClock,
  type HandlerContext,
  type HandlerFor,
  type Overflow,
  type PayloadOf,
  type Probe,
  type PublishReport,
  type QueueOptions,
  type RetryOptions,
  type SubscribeOptions,
  type SubscriberInfo,
  type Subscription,
  type SubscriptionStats,
  type TrackedPublish,
  type UnknownPayload,
  type WaitForOptions,
} from './bus/index.js';
export { CfBusError, type Clock, type ErrorCode, isCfBusError, type Timer, VirtualClock } from './kernel/index.js';
export { type Level, type Log, type LogOptions, type LogRecord, openLog } from './record/index.js';

/**
 * The process's bus; inside `cf-bus run` it is the session's. It logs to the file that the environment variable
 * `CF_BUS_LOG` names (`off`: nowhere), `logs/cf-bus.log` without one, opened at the first record. For a bus of your own
 * use `new EventBus()`.
 */
export function getEventBus(): EventBus {
  return globalBus(() => {
    const ids = new Ids();
    const log = openLog({ file: defaultLogFile(process.env), lazy: true, session: ids.session });
    return new EventBus({ ids, log });
  });
}
