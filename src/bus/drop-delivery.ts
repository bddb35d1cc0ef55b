/** Thrown by a handler's wrapper to end its delivery as `dropped`: the way a simulated loss is told from an error. */
export class DropDelivery extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`delivery dropped: ${reason}`);
    this.name = 'DropDelivery';
    this.reason = reason;
  }
}

/** Never throws: what a handler threw may be a proxy whose traps do. */
export function isDropDelivery(thrown: unknown): thrown is DropDelivery {
  try {
    return thrown instanceof DropDelivery;
  } catch {
    return false;
  }
}
