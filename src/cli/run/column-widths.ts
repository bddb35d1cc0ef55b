/** Widths for the lines of a run, from its scenario: columns stay where they are from the first line on. */
import type { Scenario } from '../../scenario/index.js';

const MOST = { service: 20, what: 46, trace: 20 } as const;
const LEAST_TRACE = 10;

export function columnWidths(scenario: Scenario): {
  readonly serviceWidth: number;
  readonly whatWidth: number;
  readonly traceWidth: number;
} {
  const services = [...scenario.services.values()];
  const handlers = services.flatMap((service) => [...service.handlers.values()]);
  const types = handlers.flatMap((handler) => handler.subscribe);
  const names = services.map((service) => service.name.length);
  const whats = handlers.flatMap((handler) => handler.subscribe.map((type) => `${handler.name} <- ${type}`.length));
  return {
    serviceWidth: Math.min(MOST.service, Math.max(11, ...names)),
    whatWidth: Math.min(MOST.what, Math.max(16, ...whats, ...types.map((type) => type.length))),
    traceWidth: Math.min(MOST.trace, Math.max(LEAST_TRACE, 8)),
  };
}
