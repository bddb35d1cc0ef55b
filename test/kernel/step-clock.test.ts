import { describe, expect, test } from 'vitest';
import { StepClock, type StepTime } from '../../src/kernel/index.js';

/** A machine whose time moves on by `stepMs` from look to look, and that counts the looks. */
class Machine implements StepTime {
  time = 1_000;
  stepMs: number;
  looks = 0;

  constructor(stepMs: number) {
    this.stepMs = stepMs;
  }

  now(): number {
    this.looks++;
    this.time += this.stepMs;
    return this.time;
  }

  wallTime(): number {
    return Math.floor(this.time);
  }
}

const QUICK_MS = 0.0001;
const SLOW_MS = 0.001;

function steps(clock: StepClock, count: number): void {
  for (let step = 0; step < count; step++) clock.now();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('the time of steps', () => {
  test('is exact where a step takes longer than half a microsecond', () => {
    const machine = new Machine(SLOW_MS);
    const clock = new StepClock(() => false, machine);
    for (let step = 0; step < 1_000; step++) expect(clock.now()).toBe(machine.time);
    expect(machine.looks).toBe(1_000);
  });

  test('is exact for the first steps, however quick', () => {
    const machine = new Machine(QUICK_MS);
    const clock = new StepClock(() => false, machine);
    for (let step = 0; step < 64; step++) expect(clock.now()).toBe(machine.time);
  });

  test('is looked up once for 65 steps in a burst', () => {
    const machine = new Machine(QUICK_MS);
    steps(new StepClock(() => false, machine), 64 + 65 * 100);
    expect(machine.looks).toBe(64 + 100);
  });

  test('never goes back, and is late by at most one look', () => {
    const machine = new Machine(QUICK_MS);
    const clock = new StepClock(() => false, machine);
    let last = 0;
    for (let step = 0; step < 10_000; step++) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      expect(machine.time - now).toBe(0);
      last = now;
    }
  });

  test('is exact again once a burst slows down', () => {
    const machine = new Machine(QUICK_MS);
    const clock = new StepClock(() => false, machine);
    steps(clock, 64 + 1);
    machine.stepMs = 10;
    steps(clock, 65);
    const before = machine.looks;
    steps(clock, 200);
    expect(machine.looks).toBe(before + 200);
  });

  test('is exact in the next turn of the event loop: what comes after a wait is no part of the burst', async () => {
    const machine = new Machine(QUICK_MS);
    const clock = new StepClock(() => false, machine);
    steps(clock, 64 + 1);
    await turn();
    await turn();
    machine.time += 5_000;
    expect(clock.now()).toBe(machine.time);
    expect(clock.wallTime()).toBe(Math.floor(machine.time));
  });

  test('of day keeps to the same look within a burst', () => {
    const machine = new Machine(QUICK_MS);
    const clock = new StepClock(() => false, machine);
    expect(clock.wallTime()).toBe(1_000);
    steps(clock, 64 + 1);
    machine.time += 5_000;
    expect(clock.wallTime()).toBe(1_000);
    steps(clock, 65);
    expect(clock.wallTime()).toBe(6_000);
  });

  test('is exact while somebody watches, from the first step on', () => {
    const machine = new Machine(QUICK_MS);
    let watched = false;
    const clock = new StepClock(() => watched, machine);
    steps(clock, 64 + 1);
    watched = true;
    clock.endBurst();
    for (let step = 0; step < 200; step++) expect(clock.now()).toBe(machine.time);
  });
});
