import type { DashboardControls } from './door.js';
import type { Abilities } from './model.js';

/** Which keys can do something with these controls. */
export function abilitiesOf(controls: DashboardControls): Abilities {
  return {
    publish: controls.publish !== undefined,
    pauseBus: controls.pauseBus !== undefined && controls.resumeBus !== undefined,
    setSpeed: controls.setSpeed !== undefined,
    fault: controls.fault !== undefined,
  };
}
