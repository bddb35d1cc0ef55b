/** A session in another process, as a target of `publish`. */
import type { LogRecord } from '../../record/index.js';
import { connect, type SessionDescription } from '../../session/index.js';
import type { Publication, Target } from './target.js';

export async function sessionTarget(session: SessionDescription, follow: boolean): Promise<Target> {
  const client = await connect(session, { client: 'cf-bus publish' });
  return {
    session: client.session.session,
    async publish({ type, payload, source, traceId }: Publication) {
      const records: LogRecord[] = [];
      const request = { type, payload, source, ...(traceId === undefined ? {} : { trace_id: traceId }) };
      const taken = await client.publish(request, follow ? { onRecord: (record) => records.push(record) } : {});
      const settled = taken.settled.then((told) => ({
        settled: told.settled,
        failed: told.failed,
        recordsLeftOut: told.records_left_out ?? 0,
      }));
      // Whoever does not wait for it must not be told by an unhandled rejection.
      settled.catch(() => {});
      return { eventId: taken.event_id, traceId: taken.trace_id, settled, records };
    },
    async close() {
      client.close();
      await client.closed;
    },
  };
}
