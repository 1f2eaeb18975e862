// What depth does to a signal, read off the sums in which the skips of a residual network meet.
import type { LayerSignal } from "./signalProbe.ts";
import { sumOfBranches } from "./signalRows.ts";

/** Variance and gradient along the sums of a residual network. */
export interface SignalStream {
  /** Sums from the first to the last. */
  readonly sums: number;
  /** Of the maps behind the first and the last sum. */
  readonly variance: readonly [first: number, last: number];
  /** ‖∂L/∂y‖ there. */
  readonly gradient: readonly [first: number, last: number];
  /** (last/first)^(1/(sums − 1)): how the variance grows from sum to sum. */
  readonly variancePerSum: number;
  /** (first/last)^(1/(sums − 1)): how the gradient grows from sum to sum on its way back. */
  readonly gradientPerSum: number;
}

/** Null where there are fewer than two sums. */
export function streamOf(layers: readonly LayerSignal[]): SignalStream | null {
  const rows = layers.filter(({ op }) => op.startsWith(sumOfBranches));
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last || rows.length < 2) return null;
  const perSum = (ratio: number): number => ratio ** (1 / (rows.length - 1));
  return {
    sums: rows.length,
    variance: [first.variance, last.variance],
    gradient: [first.gradient, last.gradient],
    variancePerSum: perSum(last.variance / first.variance),
    gradientPerSum: perSum(first.gradient / last.gradient),
  };
}
