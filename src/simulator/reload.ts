/** What a changed file asks for beyond new services and expectations. */
import type { Scenario } from '../scenario/index.js';

/** Keys that changed and count only after a restart. Texts of templates cannot be compared: they are compiled. */
export function changesThatNeedRestart(before: Scenario, after: Scenario): readonly string[] {
  const changed: string[] = [];
  if (before.seed !== after.seed) changed.push('seed');
  if (show([...before.variables]) !== show([...after.variables])) changed.push('variables');
  if (show(before.requests) !== show(after.requests)) changed.push('requests');
  if (show(before.phases) !== show(after.phases)) changed.push('phases');
  return changed;
}

/** Positions move with every line that is added, and mean nothing here. */
function show(part: unknown): string {
  return JSON.stringify(part, (key, value: unknown) => (key === 'position' ? undefined : value)) ?? '';
}
