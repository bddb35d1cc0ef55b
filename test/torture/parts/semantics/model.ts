/** What a bus must do, said as plainly as possible; the real one is held against it. */
import { afterDelay, childKey, delays, type Move, type Plan, reads, scriptOf } from './program.js';

export type State = 'queued' | 'running' | 'waiting' | 'done' | 'failed' | 'dead' | 'dropped' | 'abandoned';

export interface ModelDelivery {
  readonly key: string;
  readonly subscription: ModelSubscription;
  state: State;
  attempt: number;
  /** Publishes to make some time after the current attempt. */
  later: (() => void)[];
}

export class ModelSubscription {
  readonly starts: string[] = [];
  slots: ModelDelivery[] = [];
  queue: ModelDelivery[] = [];
  waiting: ModelDelivery[] = [];
  errors = 0;
  retries = 0;

  constructor(
    readonly index: number,
    readonly plan: Plan,
    public patterns: readonly string[] = plan.patterns,
  ) {}

  get free(): number {
    return this.plan.concurrency - this.slots.length;
  }
}

interface ModelTimer {
  readonly due: number;
  live(): boolean;
  fire(): void;
}

const ALWAYS = () => true;

export class Model {
  now = 0;
  paused = false;
  intake: 'open' | 'draining' | 'closed' = 'open';
  /** Delayed publishes that were given up. */
  cancelled = 0;
  readonly subscriptions: ModelSubscription[] = [];
  readonly published = new Map<string, { readonly type: string; readonly deliveries: readonly ModelDelivery[] }>();
  readonly deliveries: ModelDelivery[] = [];
  #timers: ModelTimer[] = [];
  #delayed = 0;
  #ready: ModelDelivery[] = [];
  #promised: (() => void)[] = [];
  #starting = false;

  subscribe(plan: Plan): void {
    if (this.intake === 'open') this.subscriptions.push(new ModelSubscription(this.subscriptions.length, plan));
  }

  /** A publish from outside, or (`inside`) by a handler. */
  publish(key: string, type: string, inside: boolean): void {
    if (this.intake === 'closed' || (this.intake === 'draining' && !inside)) return;
    const due = this.subscriptions.filter(({ patterns }) => patterns.some((pattern) => reads(pattern, type)));
    const deliveries = due.map(
      (subscription): ModelDelivery => ({ key, subscription, state: 'queued', attempt: 0, later: [] }),
    );
    this.published.set(key, { type, deliveries });
    this.deliveries.push(...deliveries);
    // Nothing starts before all are admitted: a handler that publishes cannot overtake.
    const inner = this.#starting;
    this.#starting = true;
    for (const delivery of deliveries) {
      this.#admit(delivery);
      if (delivery.subscription.plan.once) delivery.subscription.patterns = [];
    }
    this.#starting = inner;
    this.#startReady();
  }

  #admit(delivery: ModelDelivery): void {
    const { queue, plan, free } = delivery.subscription;
    if (!this.paused && free > 0 && queue.length === 0) return this.#giveSlot(delivery);
    if (plan.overflow !== 'block' && queue.length >= plan.queueSize + free) {
      const loser = plan.overflow === 'drop_oldest' ? (queue.shift() ?? delivery) : delivery;
      this.#end(loser, 'dropped');
      if (loser === delivery) return;
    }
    queue.push(delivery);
  }

  #giveSlot(delivery: ModelDelivery): void {
    delivery.subscription.slots.push(delivery);
    this.#ready.push(delivery);
  }

  #pump(subscription: ModelSubscription): void {
    while (!this.paused && subscription.free > 0) {
      const next = subscription.queue.shift();
      if (next === undefined) break;
      this.#giveSlot(next);
    }
    this.#startReady();
  }

  #startReady(): void {
    if (this.#starting) return;
    this.#starting = true;
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) this.#start(next);
    this.#starting = false;
  }

  #start(delivery: ModelDelivery): void {
    const { key, subscription } = delivery;
    const attempt = ++delivery.attempt;
    if (attempt > 1) subscription.retries++;
    delivery.state = 'running';
    subscription.starts.push(`${key}#${attempt}`);
    const { timeout } = delays(subscription.index, subscription.plan);
    const live = () => delivery.state === 'running' && delivery.attempt === attempt;
    if (timeout !== undefined)
      this.#arm(timeout, live, () => this.#leaveSlot(delivery, attempt) && this.#failed(delivery));
    this.turn(delivery, attempt, 0);
  }

  /** The handler's next turn: its publishes, and after the last one its end. */
  turn(delivery: ModelDelivery, attempt: number, turn: number): void {
    const { turns, ends, how } = scriptOf(delivery.subscription.plan, delivery.key, attempt);
    for (const [index, move] of (turns[turn] ?? []).entries()) this.#move(delivery, attempt, turn, index, move);
    if (turn < turns.length - 1 || how === 'hang') return;
    const end = () => {
      if (!this.#leaveSlot(delivery, attempt)) return;
      if (how === 'throw') this.#failed(delivery);
      else this.#end(delivery, how === 'drop' ? 'dropped' : 'done');
    };
    if (turn === 0 && ends === 'in the call') end();
    else this.#promised.push(end);
  }

  #move(delivery: ModelDelivery, attempt: number, turn: number, index: number, { how, type }: Move): void {
    const { subscription } = delivery;
    const key = childKey(delivery.key, subscription.index, attempt, turn, index);
    if (how !== 'after') return this.publish(key, type, true);
    if (this.intake === 'closed') return;
    this.#delayed++;
    const plan = () => {
      this.#arm(afterDelay(subscription.index, turn, index), ALWAYS, () => {
        this.publish(key, type, true);
        this.#delayed--;
      });
    };
    if (delivery.state === 'running' && delivery.attempt === attempt) delivery.later.push(plan);
    else plan();
  }

  /** False for a result that comes too late. */
  #leaveSlot(delivery: ModelDelivery, attempt: number): boolean {
    if (delivery.state !== 'running' || delivery.attempt !== attempt) return false;
    const { subscription } = delivery;
    subscription.slots = subscription.slots.filter((other) => other !== delivery);
    return true;
  }

  #failed(delivery: ModelDelivery): void {
    const { subscription } = delivery;
    subscription.errors++;
    if (delivery.attempt === subscription.plan.attempts) {
      return this.#end(delivery, subscription.plan.attempts === 1 ? 'failed' : 'dead');
    }
    delivery.state = 'waiting';
    subscription.waiting.push(delivery);
    this.#arm(delays(subscription.index, subscription.plan).retry, ALWAYS, () => {
      subscription.waiting = subscription.waiting.filter((other) => other !== delivery);
      delivery.state = 'queued';
      subscription.queue.unshift(delivery);
      this.#pump(subscription);
    });
    this.#planLater(delivery);
    this.#pump(subscription);
  }

  #end(delivery: ModelDelivery, state: State): void {
    delivery.state = state;
    this.#planLater(delivery);
    this.#pump(delivery.subscription);
  }

  #planLater(delivery: ModelDelivery): void {
    for (const plan of delivery.later.splice(0)) plan();
  }

  #arm(delay: number, live: () => boolean, fire: () => void): void {
    this.#timers.push({ due: this.now + delay, live, fire });
  }

  /** Timers that have not fired and still matter, the earliest first. */
  get timers(): readonly ModelTimer[] {
    return this.#timers.filter((timer) => timer.live()).sort((a, b) => a.due - b.due);
  }

  /** Time passes until the next timer fires. */
  tick(): void {
    const [next] = this.timers;
    if (next === undefined) return;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.now = next.due;
    next.fire();
  }

  pause(): void {
    if (this.intake === 'open') this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const subscription of this.subscriptions) this.#pump(subscription);
  }

  close(timeout: number | undefined): void {
    if (this.intake !== 'open') return;
    this.intake = 'draining';
    this.resume();
    this.settle();
    if (timeout !== undefined && !this.idle)
      this.#arm(
        timeout,
        () => this.intake === 'draining',
        () => this.#giveUp(),
      );
  }

  /** What promises bring about: ends of handlers, and the end of closing. */
  settle(): void {
    for (let next = this.#promised.shift(); next !== undefined; next = this.#promised.shift()) next();
    if (this.intake === 'draining' && this.idle) this.#giveUp();
  }

  get idle(): boolean {
    return this.#delayed === 0 && this.deliveries.every(({ state }) => isFinal(state));
  }

  #giveUp(): void {
    if (this.intake === 'closed') return;
    this.intake = 'closed';
    this.cancelled = this.#delayed;
    this.#delayed = 0;
    this.#timers = [];
    for (const delivery of this.deliveries) if (!isFinal(delivery.state)) delivery.state = 'abandoned';
    for (const subscription of this.subscriptions) subscription.patterns = [];
  }
}

export function isFinal(state: State): boolean {
  return state !== 'queued' && state !== 'running' && state !== 'waiting';
}
