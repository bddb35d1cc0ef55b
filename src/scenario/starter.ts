/** What `cf-bus init` writes: a scenario that runs as it is, and says in comments what can be changed. */

/** Text of the starter scenario. */
export function starterScenario(): string {
  return STARTER;
}

const STARTER = `# A shop: orders come in, payment takes its time and sometimes fails, the customer is told.
#
#   cf-bus run FILE            watch it          cf-bus trace order-1     one request, from its log
#   cf-bus check FILE          judge \`expect\`     cf-bus run FILE --set currency=USD
#
# For completion and checks while you type: cf-bus schema > cf-bus.schema.json, then add as the first line
#   yaml-language-server: $schema=./cf-bus.schema.json

version: 1
name: My first scenario
seed: 10                         # same seed, same run; without it, each run is new

variables:                       # for templates: {{ variables.currency }}
  currency: EUR

services:
  payments:
    handlers:
      charge:
        subscribe: order.placed              # an event type, a list of them, or a pattern: order.*
        concurrency: 4                       # orders charged at the same time
        # A delay is a duration (80ms), or a distribution: uniform {min, max}, normal {mean, stddev},
        # lognormal {median, p99}, exponential {mean}.
        delay: { type: lognormal, median: 80ms, p99: 400ms }
        timeout: 1s
        retry: { attempts: 3, backoff: exponential, delay: 50ms, jitter: 20% }
        faults:                              # error, hang, drop, duplicate, slow {by}, down {from, until}
          - { type: error, probability: 30%, message: card declined }
        publish:                             # when the work is done
          - type: order.paid
            payload:
              number: "{{ event.payload.number }}"
              currency: "{{ variables.currency }}"
        on_error:                            # when the last attempt has failed
          - type: order.rejected
            payload: { number: "{{ event.payload.number }}", reason: "{{ error.message }}" }

  mail:
    handlers:
      tell_customer:
        subscribe: [order.paid, order.rejected]
        delay: { type: uniform, min: 5ms, max: 30ms }
        publish: { type: customer.told }
      praise_big_spender:
        subscribe: order.paid
        when: event.payload.number >= 40     # a condition: Liquid, a missing key is nil
        delay: 2ms

requests:                        # a request is one flow of steps, under one trace id
  - name: order
    source: web_shop
    trace_id: "order-{{ sequence }}"
    flow:                                    # publish, think, wait_for, loop
      - publish: { type: order.placed, payload: { number: "{{ sequence }}" } }
      - wait_for: { type: customer.told, within: 10s }

phases:                          # how requests arrive; without phases, each request comes once
  - { name: steady, duration: 5s, arrival_rate: 4 }
  - { name: rush, duration: 2s, arrival_rate: 4, ramp_to: 20 }
  - { pause: 1s }

expect:                          # what must hold when the run is over
  - { event: order.paid, count: { min: 10 } }
  - { event: customer.told, after: order.placed, within: 3s }
  - { never: order.refunded }
  - { metric: charge.p95, below: 1s }
  - { metric: error_rate, below: 20% }
`;
