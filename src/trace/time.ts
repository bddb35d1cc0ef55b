/** The widest time a `Date` can hold, in milliseconds either side of 1970. */
const MAX_TIME_MS = 8.64e15;

/** ISO 8601, UTC. A time made from absurd durations in a log is shown as 1970 rather than thrown on. */
export function isoTime(time: number): string {
  return new Date(Math.abs(time) <= MAX_TIME_MS ? time : 0).toISOString();
}
