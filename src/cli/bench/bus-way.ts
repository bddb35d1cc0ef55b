/** A request as an event: the service's handler answers with another event, which the one who asked subscribes to. */
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBus, EventType } from '../../bus/index.js';
import { type Level, type Log, openLog } from '../../record/index.js';
import { answer, QUESTION, type Way } from './way.js';

/** @param level what is logged, to a file that goes away afterwards; `undefined`: nothing */
export function busWay(name: string, title: string, level: Level | undefined): Way {
  const log = level === undefined ? undefined : temporaryLog(level);
  const bus = new EventBus({ log: log?.log });
  const asked = new Map<string, () => void>();
  bus.subscribe(
    EventType.QUERY_RECEIVED,
    async function answerQuery({ payload }, context) {
      await context.publish({ type: EventType.QUERY_COMPLETED, payload: { ...answer(payload) } });
    },
    { service: 'search' },
  );
  bus.subscribe(
    EventType.QUERY_COMPLETED,
    function takeAnswer({ traceId }) {
      asked.get(traceId)?.();
      asked.delete(traceId);
    },
    { service: 'api_gateway' },
  );
  return {
    name,
    title,
    ask(number) {
      const traceId = `req-${number}`;
      const answered = new Promise<void>((resolve) => asked.set(traceId, resolve));
      void bus.publish({ type: EventType.QUERY_RECEIVED, payload: QUESTION, source: 'api_gateway', traceId });
      return answered;
    },
    tidy: () => log?.empty(),
    async close() {
      await bus.close();
      log?.remove();
    },
  };
}

interface TemporaryLog {
  readonly log: Log;
  empty(): void;
  remove(): void;
}

function temporaryLog(level: Level): TemporaryLog {
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
  const file = join(folder, 'bench.log');
  const log = openLog({ file, level });
  return {
    log,
    empty() {
      log.flush();
      truncateSync(file);
    },
    remove() {
      log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
