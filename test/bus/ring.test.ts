import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from '../../src/bus/ring.js';

test('a ring gives back what it took, first in, first out, whatever its size and however often it was empty', () => {
  const bursts = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 40 });
  fc.assert(
    fc.property(bursts, (plan) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      let next = 0;
      for (const [pushes, shifts] of plan) {
        for (let count = 0; count < pushes; count++) {
          ring.push(next);
          model.push(next++);
        }
        for (let count = 0; count < shifts; count++) expect(ring.shift()).toBe(model.shift());
        expect(ring.empty).toBe(model.length === 0);
      }
      for (const expected of model) expect(ring.shift()).toBe(expected);
      expect(ring.shift()).toBeUndefined();
    }),
  );
});
