/** Runs a random program on a bus under the virtual clock, and notes all that happened. */
import type {
  BusStats,
  DeliveryReport,
  Event,
  EventBus,
  HandlerContext,
  PublishReport,
  Subscription,
} from '../../src/bus/index.js';
import type { VirtualClock } from '../../src/kernel/index.js';
import type { Behaviour, Command, Program, SubscriptionPlan } from './program.js';
import { hang, virtualBus } from './support.js';

/** Events that a handler publishes are one deeper than what it handles; deeper ones are not published. */
const MAX_DEPTH = 3;

export interface Subscribed {
  readonly id: string;
  readonly plan: SubscriptionPlan;
  /** Patterns, as long as it is subscribed: the model's own account. */
  active: boolean;
  /** Ids of events, in the order in which their first attempt started. */
  readonly firstStarts: string[];
  running: number;
  mostRunning: number;
}

export interface Published {
  readonly id: string;
  readonly type: string;
  /** Ids of the subscriptions that the model says must get it. */
  readonly due: readonly string[];
}

/** What was seen of one delivery. */
export interface Seen {
  readonly eventId: string;
  readonly subscriptionId: string;
  attempts: number;
  errors: number;
  ends: string[];
}

export class ProgramRun {
  readonly bus: EventBus;
  readonly clock: VirtualClock;
  readonly subscribed: Subscribed[] = [];
  readonly published: Published[] = [];
  readonly deliveries = new Map<string, Seen>();
  readonly reports: PublishReport[] = [];
  readonly refused: unknown[] = [];
  abandoned: readonly DeliveryReport[] = [];
  /** Every call of a handler: when, whose, of what, and how all deliveries stood at that moment. */
  readonly calls: string[] = [];
  stats: BusStats | undefined;
  readonly #subscriptions: Subscription[] = [];
  readonly #controllers: AbortController[] = [];
  readonly #matches: (pattern: string, type: string) => boolean;

  /** @param watched Without it, only calls, reports and statistics are noted. */
  constructor(matches: (pattern: string, type: string) => boolean, { watched = true } = {}) {
    const { bus, clock } = virtualBus();
    this.bus = bus;
    this.clock = clock;
    this.#matches = matches;
    if (watched) this.#observe();
  }

  async run({ steps, close }: Program): Promise<void> {
    let at = 0;
    for (const { after, command } of steps) {
      at += after;
      this.clock.setTimer(at, () => this.#do(command));
    }
    if (close === undefined) {
      this.clock.setTimer(at, () => this.bus.resume());
      await this.clock.drive();
      await this.#close(undefined);
    } else {
      this.clock.setTimer(at + close.after, () => void this.#close(close.timeout));
    }
    await this.clock.drive();
  }

  async #close(timeout: number | undefined): Promise<void> {
    const closing = this.bus.close({ timeout });
    void this.#publish('a', 0, (type) => this.bus.publish({ type }));
    const report = await closing;
    this.abandoned = report.abandoned;
    this.stats = report.stats;
    void this.#publish('a', 0, (type) => this.bus.publish({ type }));
  }

  #do(command: Command): void {
    switch (command.kind) {
      case 'subscribe':
        return this.#subscribe(command.plan);
      case 'unsubscribe':
        this.#subscriptions[command.which]?.unsubscribe();
        return this.#left(command.which);
      case 'abort':
        this.#controllers[command.which]?.abort();
        return this.#left(command.which);
      case 'publish':
        return void this.#publish(command.type, 1, (type, payload) => this.bus.publish({ type, payload }));
      case 'pause':
        return this.bus.pause();
      case 'resume':
        return this.bus.resume();
    }
  }

  #left(which: number): void {
    const subscribed = this.subscribed[which];
    if (subscribed !== undefined) subscribed.active = false;
  }

  #subscribe(plan: SubscriptionPlan): void {
    const controller = new AbortController();
    const box: Subscribed[] = [];
    const handle = (event: Event, context: HandlerContext) => {
      const [subscribed] = box;
      if (subscribed === undefined) throw new Error('started before it was subscribed');
      if (context.attempt === 1) subscribed.firstStarts.push(event.id);
      const states = JSON.stringify(this.bus.getStats().deliveries);
      this.calls.push(`${this.clock.now()} ${subscribed.id} ${event.id} ${context.attempt} ${states}`);
      return this.#behave(plan.behaviour, Number(event.payload.depth), context);
    };
    const options = { ...plan.options, signal: controller.signal };
    const subscription = this.bus.subscribe(plan.patterns, handle, options);
    const { id } = subscription;
    box.push({ id, plan, active: true, firstStarts: [], running: 0, mostRunning: 0 });
    this.subscribed.push(...box);
    this.#subscriptions.push(subscription);
    this.#controllers.push(controller);
  }

  #behave(does: Behaviour, depth: number, context: HandlerContext): unknown {
    switch (does.kind) {
      case 'return':
        return 'a value';
      case 'sleep':
        return context.clock.sleep(does.ms);
      case 'throw':
        throw new Error('thrown');
      case 'reject':
        return context.clock.sleep(does.after).then(() => Promise.reject(new Error('rejected')));
      case 'flaky':
        if (context.attempt <= does.failures) throw new Error('not yet');
        return undefined;
      case 'hang':
        return hang();
      case 'publish': {
        if (depth >= MAX_DEPTH) return undefined;
        const done = this.#publish(does.type, depth + 1, (type, payload) => context.publish({ type, payload }));
        return does.wait ? done : undefined;
      }
    }
  }

  /** Notes before each publish who must get it, from the model's account of who is subscribed. */
  #publish(
    type: string,
    depth: number,
    send: (type: string, payload: { readonly depth: number }) => Promise<PublishReport>,
  ): Promise<void> {
    const due = this.subscribed.filter(
      ({ active, plan }) => active && plan.patterns.some((pattern) => this.#matches(pattern, type)),
    );
    this.#due = due.map((subscribed) => subscribed.id);
    return send(type, { depth }).then(
      (report) => void this.reports.push(report),
      (error: unknown) => void this.refused.push(error),
    );
  }

  #due: readonly string[] = [];

  #observe(): void {
    const find = (id: string) => this.subscribed.find((each) => each.id === id);
    this.bus.probe.attach({
      published: ({ id, type }) => {
        this.published.push({ id, type, due: this.#due });
        for (const subscriptionId of this.#due) {
          const subscribed = find(subscriptionId);
          if (subscribed?.plan.options.once === true) subscribed.active = false;
        }
      },
      started: (delivery) => {
        const seen = this.#seen(delivery.id, delivery.event.id, delivery.subscriber.subscriptionId);
        seen.attempts++;
        const subscribed = find(seen.subscriptionId);
        if (subscribed === undefined) return;
        subscribed.running++;
        subscribed.mostRunning = Math.max(subscribed.mostRunning, subscribed.running);
      },
      completed: (delivery) => this.#ended(delivery.id, delivery.event.id, delivery.subscriber.subscriptionId, 'done'),
      failed: (delivery, { willRetry }) => {
        const seen = this.#seen(delivery.id, delivery.event.id, delivery.subscriber.subscriptionId);
        seen.errors++;
        const subscribed = find(seen.subscriptionId);
        if (subscribed !== undefined) subscribed.running--;
        const final = subscribed?.plan.options.retry === undefined || subscribed.plan.options.retry.attempts === 1;
        if (!willRetry) seen.ends.push(final ? 'failed' : 'dead');
      },
      dropped: (delivery) => {
        this.#seen(delivery.id, delivery.event.id, delivery.subscriber.subscriptionId).ends.push('dropped');
      },
      abandoned: (delivery) => {
        this.#seen(delivery.id, delivery.event.id, delivery.subscriber.subscriptionId).ends.push('abandoned');
      },
    });
  }

  #ended(id: string, eventId: string, subscriptionId: string, state: string): void {
    this.#seen(id, eventId, subscriptionId).ends.push(state);
    const subscribed = this.subscribed.find((each) => each.id === subscriptionId);
    if (subscribed !== undefined) subscribed.running--;
  }

  #seen(id: string, eventId: string, subscriptionId: string): Seen {
    let seen = this.deliveries.get(id);
    if (seen === undefined) {
      seen = { eventId, subscriptionId, attempts: 0, errors: 0, ends: [] };
      this.deliveries.set(id, seen);
    }
    return seen;
  }
}
