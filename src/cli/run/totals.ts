/** The totals in a session's last record. */
import type { BusStats } from '../../bus/index.js';
import type { RecordFields } from '../../record/index.js';

export function sessionTotals(reason: string, stats: BusStats): RecordFields<'session_stopped'> {
  const { deliveries } = stats;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    reason,
    events: sum(Object.values(stats.eventCounts)),
    deliveries: sum(Object.values(deliveries)),
    errors: sum(Object.values(stats.errorCounts)),
    dead: deliveries.dead,
    dropped: deliveries.dropped,
    abandoned: deliveries.abandoned,
  };
}
