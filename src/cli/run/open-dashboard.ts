/** When a dashboard can open, and what its closing means for the command. */
import type { DashboardExit } from '../../dashboard/index.js';
import { CfBusError } from '../../kernel/index.js';
import type { Context } from '../context.js';
import { HUNG_UP } from '../lifecycle.js';

/** A dashboard needs a terminal on both sides. */
export function wantsDashboard({ out, stdin, env }: Context): boolean {
  if (!out.isTerminal || env.TERM === 'dumb' || env.CI !== undefined) return false;
  return stdin().isTTY === true;
}

/** @param crashHint what to say, and to do, where the dashboard itself failed. */
export function leaveDashboard(exit: DashboardExit, { lifecycle }: Context, crashHint: string): void {
  if (exit.kind === 'interrupt') lifecycle.end({ kind: 'signal', exitCode: 130 });
  if (exit.kind === 'unread') lifecycle.end(HUNG_UP);
  if (exit.kind === 'crashed') {
    const error = new CfBusError('INTERNAL', 'the dashboard failed', {
      hint: `${crashHint}; CF_BUS_DEBUG=1 shows where it failed`,
      exitCode: 1,
      cause: exit.error,
    });
    lifecycle.end({ kind: 'failed', error });
  }
}
