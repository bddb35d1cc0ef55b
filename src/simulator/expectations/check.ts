/** What judges one expectation. */
import type { BusStats } from '../../bus/index.js';
import type { Judgement } from '../results.js';

export interface Check {
  /** @param final nothing more will come: what is unfinished now stays so. */
  judge(stats: BusStats, final: boolean): Judgement;
}
