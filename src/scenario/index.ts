/** The scenario file format: text → validated, typed `Scenario` with positions. */

export { delaySchema } from './delays.js';
export { FAULT_SCHEMAS, faultKinds, faultSchema, toFault } from './faults.js';
export { scenarioJsonSchema } from './json-schema.js';
export { loadScenarioFile, parseScenario } from './load.js';
export { MAX_PROBLEMS, type Problem, ScenarioError, showPosition } from './problems.js';
export { starterScenario } from './starter.js';
export { compileCondition, compilePayload, compileTemplate, compileText, type TemplateHost } from './template.js';
export {
  type Arrivals,
  type Condition,
  type Delay,
  type DelayType,
  type Every,
  type Expectation,
  type Fault,
  type FaultOf,
  type FaultType,
  HANDLER_METRICS,
  type Handler,
  type HandlerMetric,
  type Metric,
  type ModuleReference,
  type Phase,
  type Position,
  type Publication,
  type Queue,
  type Request,
  type Retry,
  RUN_METRICS,
  type RunMetric,
  type Scenario,
  type ScopeEvent,
  type Service,
  type Step,
  type Template,
  type TemplateScope,
  type Variables,
} from './types.js';
export { variableScope, withVariables } from './variables.js';
