// Along one axis: which positions of an operand each position of a result reads. Every operator's pattern repeats.

/** Output p = period·t + r reads the positions step·t + c for each c of reads[r]. */
export interface Taps {
  readonly period: number;
  readonly step: number;
  readonly reads: readonly (readonly number[])[];
  /** A position outside the map is taken at its border, not left out. */
  readonly clamps?: boolean;
}

export const identityTaps: Taps = { period: 1, step: 1, reads: [[0]] };

/** Every output reads the operand's only position. */
export const repeatTaps: Taps = { period: 1, step: 0, reads: [[0]] };

/** p reads p·stride − before + i·dilation. */
export function windowTaps(kernel: number, stride: number, dilation: number, before: number): Taps {
  return {
    period: 1,
    step: stride,
    reads: [Array.from({ length: kernel }, (_, i) => i * dilation - before)],
  };
}

/** p reads every q with p = q·stride − before + i·dilation. */
export function transposedTaps(kernel: number, stride: number, dilation: number, before: number): Taps {
  const reads = Array.from({ length: stride }, (_, r) =>
    Array.from({ length: kernel }, (_tap, i) => (r + before - i * dilation) / stride).filter(
      Number.isInteger,
    ),
  );
  return { period: stride, step: 1, reads };
}

/** A part of a longer axis: the operand stands at `start` and is `length` long, of `whole`. */
export function partTaps(start: number, length: number, whole: number): Taps {
  const reads = Array.from({ length: whole }, (_, p) =>
    p >= start && p < start + length ? [p - start] : [],
  );
  return { period: whole, step: length, reads };
}

/** Resizing from `length` to `outLength` pixels; see ops/resizing.ts for the rule. */
export function resizeTaps(
  length: number,
  outLength: number,
  { mode, coordinates, factor }: { mode: string; coordinates: string; factor: number | undefined },
): Taps {
  if (length === outLength) return identityTaps;
  if (coordinates === "alignCorners" && outLength === 1) return { period: 1, step: length, reads: [[0]] };
  const [over, under] =
    coordinates === "alignCorners"
      ? reduced(length - 1, outLength - 1)
      : factor === undefined
        ? reduced(length, outLength)
        : fraction(1 / factor);
  // Positions as multiples of 1/(2·under): p·over/under, and half a pixel where the rule has it.
  const half = coordinates === "halfPixel";
  const reads = Array.from({ length: under }, (_, p) => {
    const doubled = 2 * p * over + (half ? over : 0);
    if (mode === "nearest") return [Math.floor(doubled / (2 * under))];
    const centred = doubled - (half ? under : 0);
    const low = Math.floor(centred / (2 * under));
    return centred % (2 * under) === 0 ? [low] : [low, low + 1];
  });
  return { period: under, step: over, reads, clamps: true };
}

export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function reduced(over: number, under: number): [number, number] {
  const divisor = greatestDivisor(over, under);
  return [over / divisor, under / divisor];
}

/** The fraction with the smallest denominator within 1e-9 of a positive number (continued fractions). */
function fraction(value: number): [number, number] {
  let [rest, over, under, lastOver, lastUnder] = [value, Math.floor(value), 1, 1, 0];
  while (Math.abs(over / under - value) > 1e-9 * value) {
    rest = 1 / (rest - Math.floor(rest));
    const digit = Math.floor(rest);
    [over, lastOver] = [digit * over + lastOver, over];
    [under, lastUnder] = [digit * under + lastUnder, under];
  }
  return [over, under];
}
