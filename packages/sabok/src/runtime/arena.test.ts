// Arena plans: storages that live at the same time never overlap, and a chain needs no more than its widest step.
import fc from "fast-check";
import { expect, test } from "vitest";
import { planArena } from "./arena.ts";

test("a chain of equal storages needs two of them", () => {
  const lifetimes = Array.from({ length: 10 }, (_, i) => ({ id: i, bytes: 640, first: i, last: i + 1 }));
  expect(planArena(lifetimes)).toMatchObject({ bytes: 1280, lowerBound: 1280 });
});

test("storages alive at the same step do not overlap", () => {
  const lifetime = fc.record({
    bytes: fc.integer({ min: 0, max: 5000 }),
    first: fc.nat(30),
    length: fc.nat(10),
  });
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 40 }), (drawn) => {
      const lifetimes = drawn.map(({ bytes, first, length }, id) => ({
        id,
        bytes,
        first,
        last: first + length,
      }));
      const plan = planArena(lifetimes);
      expect(plan.bytes).toBeGreaterThanOrEqual(plan.lowerBound);
      for (const a of lifetimes)
        for (const b of lifetimes) {
          if (a.id >= b.id || a.last < b.first || b.last < a.first) continue;
          const [startA, startB] = [plan.offsets.get(a.id)!, plan.offsets.get(b.id)!];
          expect(startA + a.bytes <= startB || startB + b.bytes <= startA).toBe(true);
        }
    }),
    { seed: 1, numRuns: 200 },
  );
});
