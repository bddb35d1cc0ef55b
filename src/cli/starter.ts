/** The scenario that `cf-bus init` writes. A test runs it. */
export const STARTER = `# yaml-language-server: $schema=SCHEMA
# A scenario for cf-bus: services that react to events, and the traffic that reaches them.
#
#   cf-bus run FILE              see it run
#   cf-bus run FILE --virtual    the same, as fast as it goes
#   cf-bus trace req-1           what the first request did
version: 1
name: My first scenario
seed: 42 # the same seed gives the same run; leave it out for a new one each time

variables: # change one for a run: --set repo=/srv/other
  repo: /srv/repos/web

services:
  vector_index:
    handlers:
      index_repository:
        subscribe: index.started # patterns work, too: "index.*", "**"
        concurrency: 2 # at most two at a time; more wait
        delay: { type: lognormal, median: 80ms, p99: 400ms } # or just 80ms
        timeout: 2s
        retry: { attempts: 3, backoff: exponential, delay: 50ms, jitter: 20% }
        faults:
          - { type: error, probability: 10%, message: disk full }
        publish: # when it has done its work
          - type: index.completed
            payload: { repo_path: "{{ event.payload.repo_path }}", files_indexed: 150 }
        on_error: # when it has failed for good
          - { type: index.failed, payload: { error: "{{ error.message }}" } }

  metrics:
    handlers:
      track_index_metrics: { subscribe: index.completed, delay: 2ms }

  notifications:
    handlers:
      notify_on_failure: { subscribe: [index.failed, agent.failed], delay: { type: uniform, min: 5ms, max: 30ms } }

requests: # a request is one flow of steps under one trace id
  - name: index
    source: api_gateway
    trace_id: "req-{{ sequence }}"
    flow:
      - publish: { type: index.started, payload: { repo_path: "{{ variables.repo }}" } }

phases: # how requests arrive; leave them out to send each request once
  - { name: steady, duration: 5s, arrival_rate: 4 } # four a second
  - { name: burst, arrival_count: 20, duration: 1s }

expect: # what must hold; cf-bus check judges it
  - { event: index.completed, count: { min: 1 } }
  - { metric: index_repository.p95, below: 1s }
`;
