// Along one axis: which input pixels each position of a map sees, on an unbounded input. Like taps it repeats.
import { emptySet, sameSet, shifted, singleton, union, type OffsetSet } from "./offsets.ts";
import { greatestDivisor, identityTaps, type Taps } from "./taps.ts";

/** Position p = period·t + r sees the input pixels step·t + o for each o of sets[r]. */
export interface AxisField {
  readonly period: number;
  readonly step: number;
  readonly sets: readonly OffsetSet[];
}

/** The input itself: each pixel sees itself. */
export const ownPixel: AxisField = { period: 1, step: 1, sets: [singleton(0)] };

/** Patterns longer than this are not followed. */
export const longestPeriod = 4096;

/** What the results of an operator see whose operand has this field; undefined where the pattern gets too long. */
export function through(field: AxisField, taps: Taps): AxisField | undefined {
  if (taps === identityTaps) return field;
  const { period, step, sets } = field;
  const repeats = taps.step === 0 ? 1 : period / greatestDivisor(taps.step, period);
  const newPeriod = taps.period * repeats;
  if (newPeriod > longestPeriod) return undefined;
  const newSets = Array.from({ length: newPeriod }, (_, p) => {
    const base = taps.step * Math.floor(p / taps.period);
    let seen = emptySet;
    for (const read of taps.reads[p % taps.period]!) {
      const position = base + read;
      const turn = Math.floor(position / period);
      seen = union(seen, shifted(sets[position - turn * period]!, turn * step));
    }
    return seen;
  });
  return shortest({ period: newPeriod, step: ((taps.step * repeats) / period) * step, sets: newSets });
}

/** Input pixels between the fields of two neighbouring positions, on average. */
export function strideOf({ period, step }: AxisField): number {
  return step / period;
}

/** The same field with its pattern written out to a multiple of its period. */
export function repeated(field: AxisField, period: number): AxisField {
  const times = period / field.period;
  const sets = Array.from({ length: period }, (_, p) =>
    shifted(field.sets[p % field.period]!, Math.floor(p / field.period) * field.step),
  );
  return { period, step: field.step * times, sets };
}

/** The field of one position. */
export function setAt({ period, step, sets }: AxisField, position: number): OffsetSet {
  const turn = Math.floor(position / period);
  return shifted(sets[position - turn * period]!, turn * step);
}

function shortest(field: AxisField): AxisField {
  for (let period = 1; period < field.period; period++) {
    const step = (field.step * period) / field.period;
    if (field.period % period !== 0 || !Number.isInteger(step)) continue;
    if (field.sets.every((set, p) => p < period || sameSet(set, shifted(field.sets[p - period]!, step))))
      return { period, step, sets: field.sets.slice(0, period) };
  }
  return field;
}
