/**
 * What runs for so long: every event has exactly two subscribers, so that deliveries are twice the events, whatever the
 * faults. Requests wait, services fail and retry, expectations judge every trace: each of them keeps something for a while.
 */

/** Subscribers of every event. */
export const FAN_OUT = 2;
/** Events of one request that went well; one that came from outside causes one more. */
export const EVENTS_A_REQUEST = 3;
export const EVENTS_A_POKE = 2;

export function soakScenario(requestsPerSecond: number): string {
  return `version: 1
name: Soak
seed: 1
services:
  audit:
    handlers:
      note: { subscribe: '**' }
  intake:
    handlers:
      receive:
        subscribe: soak.asked
        publish: { type: soak.step, payload: { text: "{{ event.payload.text }}", sequence: "{{ event.payload.sequence }}" } }
  worker:
    handlers:
      work:
        subscribe: soak.step
        concurrency: 64
        queue: { size: 1000 }
        delay: { type: exponential, mean: 8ms }
        timeout: 1s
        retry: { attempts: 3, backoff: exponential, delay: 5ms, jitter: 20% }
        faults:
          - { type: error, probability: 5%, message: disk full }
        publish: { type: soak.done, after: 2ms, payload: { sequence: "{{ event.payload.sequence }}" } }
  sink:
    handlers:
      take: { subscribe: soak.done, delay: 1ms }
  guest:
    handlers:
      answer: { subscribe: soak.poke, publish: { type: soak.poked, payload: { n: "{{ event.payload.n }}" } } }
      hear: { subscribe: soak.poked }
requests:
  - name: ask
    trace_id: "ask-{{ sequence }}"
    flow:
      - publish: { type: soak.asked, payload: { sequence: "{{ sequence }}", text: a few words that every event carries along } }
      - wait_for: { type: soak.done, within: 2s, as: done }
phases:
  - { duration: 24h, arrival_rate: ${requestsPerSecond}, arrivals: poisson }
expect:
  - { event: soak.poked, after: soak.poke, within: 5s }
  - { event: soak.asked, count: { min: 1 } }
  - { never: soak.lost }
  - { metric: work.dead, below: 1000000000 }
`;
}
