import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Emittery from 'emittery';
import { do_not_optimize } from 'mitata';
import pino from 'pino';
import { EventBus, openLog } from '../../dist/index.js';
import { contend } from '../lib/interleave.mjs';

/** Of a round; enough that writing and garbage collection have their share. */
const EVENTS = 10_000;
/** Events between two turns of the event loop. */
const TURN = 100;
const HANDLERS = 4;
const TYPE = 'index.updated';
const PAYLOAD = { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 };
const SOURCE = 'vector_index_service';

function makeHandlers() {
  let handled = 0;
  return Array.from({ length: HANDLERS }, () => async () => do_not_optimize(handled++));
}

const CONTENDERS = {
  'cf-bus'({ level }, file) {
    const log = level === undefined ? undefined : openLog({ file, level });
    const bus = new EventBus({ log });
    for (const [index, handler] of makeHandlers().entries()) {
      bus.subscribe(TYPE, handler, { service: 'vector_index', name: `index_repository_${index}` });
    }
    return {
      publish: (number) => bus.publish({ type: TYPE, payload: PAYLOAD, source: SOURCE, traceId: `req-${number}` }),
      close: () => bus.close().then(() => log?.close()),
    };
  },
  /** What a program does that calls pino itself, with the keys that our records have. */
  emittery({ records }, file) {
    const destination = pino.destination({ dest: file, sync: true });
    const logger = pino(
      {
        level: 'debug',
        base: { session: 'k3q9x2m1a' },
        timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
        formatters: { level: (level) => ({ level }) },
      },
      destination,
    );
    const emitter = new Emittery();
    let seq = 0;
    let deliveries = 0;
    for (const [index, handler] of makeHandlers().entries()) {
      emitter.on(TYPE, async (event) => {
        const keys = {
          delivery_id: `dlv-k3q9x2m1a-${++deliveries}`,
          subscription_id: `sub-k3q9x2m1a-${index}`,
          event_id: event.id,
          event_type: TYPE,
          trace_id: event.traceId,
          service: 'vector_index',
          handler: `index_repository_${index}`,
          attempt: 1,
        };
        const started = performance.now();
        if (records === 'all') logger.debug({ event: 'event_handler_start', seq: ++seq, ...keys });
        await handler(event);
        const duration_ms = Math.round((performance.now() - started) * 1_000) / 1_000;
        logger.debug({ event: 'event_handler_complete', seq: ++seq, ...keys, duration_ms, queued_ms: 0 });
      });
    }
    return {
      publish(number) {
        const event = { id: `evt-k3q9x2m1a-${number}`, traceId: `req-${number}`, payload: PAYLOAD };
        logger.info({
          event: 'event_published',
          seq: ++seq,
          event_type: TYPE,
          event_id: event.id,
          source: SOURCE,
          trace_id: event.traceId,
          subscriber_count: HANDLERS,
          payload_keys: Object.keys(PAYLOAD),
        });
        return emitter.emit(TYPE, event);
      },
      close: () => destination.flushSync(),
    };
  },
};

const LINES = { all: 1 + 2 * HANDLERS, ends: 1 + HANDLERS, debug: 1 + 2 * HANDLERS, info: 1 };

contend((given) => async (round) => {
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
  try {
    const file = join(folder, `${round}.log`);
    const { publish, close } = CONTENDERS[given.name](given, file);
    const before = process.cpuUsage();
    for (let number = 1; number <= EVENTS; number++) {
      await publish(number);
      if (number % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await close();
    const { user, system } = process.cpuUsage(before);
    const lines = LINES[given.records ?? given.level] ?? 0;
    return {
      ns: ((user + system) * 1e3) / EVENTS,
      lines,
      bytes: lines === 0 ? 0 : statSync(file).size / EVENTS,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
});
