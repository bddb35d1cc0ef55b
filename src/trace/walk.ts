/** Ways through a forest that no depth can overflow. */
import type { DeliveryNode, EventNode, Trace } from './forest.js';

/** A node with how deep it stands: 0 for a root event, 1 for its deliveries, 2 for the events those published. */
export type WalkStep =
  | { readonly kind: 'event'; readonly event: EventNode; readonly depth: number }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryNode; readonly depth: number };

/** Every node below `roots`, each before what it led to, siblings by `seq`. */
export function* walk(roots: readonly EventNode[]): Generator<WalkStep, void, undefined> {
  const stack: WalkStep[] = [];
  pushEvents(stack, roots, 0);
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    yield step;
    if (step.kind === 'delivery') {
      pushEvents(stack, step.delivery.events, step.depth + 1);
      continue;
    }
    // The stack turns things round: what comes first goes in last.
    const { event, depth } = step;
    pushEvents(stack, event.events, depth + 1);
    for (let index = event.deliveries.length - 1; index >= 0; index--) {
      const delivery = event.deliveries[index];
      if (delivery !== undefined) stack.push({ kind: 'delivery', delivery, depth: depth + 1 });
    }
  }
}

function pushEvents(stack: WalkStep[], events: readonly EventNode[], depth: number): void {
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index];
    if (event !== undefined) stack.push({ kind: 'event', event, depth });
  }
}

/** The part of a trace that `eventId` began: that event as the only root; `undefined` where the trace has no such event. */
export function cascadeOf(trace: Trace, eventId: string): Trace | undefined {
  const root = trace.events.find((event) => event.id === eventId);
  if (root === undefined) return undefined;
  const events: EventNode[] = [];
  const deliveries: DeliveryNode[] = [];
  for (const step of walk([root])) {
    if (step.kind === 'event') events.push(step.event);
    else deliveries.push(step.delivery);
  }
  events.sort((a, b) => a.seq - b.seq);
  deliveries.sort((a, b) => a.seq - b.seq);
  return { ...trace, roots: [root], events, deliveries };
}
