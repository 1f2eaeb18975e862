// Estimators of mutual information, in nats, and the tests without which none of them means anything: the same estimate on
// shuffled pairs, and its growth with the number of samples.
import type { Random } from "../core/index.ts";

/** Samples of a vector: one row each. */
export type Samples = readonly ArrayLike<number>[];

/** ψ(x) for x > 0: the recurrence up to 10, then the asymptotic series. */
export function digamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift -= 1 / at;
  const square = 1 / (at * at);
  return shift + Math.log(at) - 1 / (2 * at) - square * (1 / 12 - square * (1 / 120 - square / 252));
}

/** −½·ln(1 − ρ²): the mutual information of two jointly normal numbers. */
export const gaussianInformation = (correlation: number): number => -0.5 * Math.log(1 - correlation ** 2);

/**
 * Kraskov, Stögbauer and Grassberger (2004), first estimator, maximum norm: ψ(k) + ψ(N) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩, from the
 * distances to the k-th neighbour. O(N²).
 */
export function nearestNeighbourInformation(x: Samples, y: Samples, k = 3): number {
  const count = x.length;
  const [dx, dy] = [new Float64Array(count), new Float64Array(count)];
  const nearest = new Float64Array(k);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    nearest.fill(Infinity);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const both = Math.max((dx[j] = distance(x[i]!, x[j]!)), (dy[j] = distance(y[i]!, y[j]!)));
      keepSmallest(nearest, both);
    }
    const radius = nearest[k - 1]!;
    let [nx, ny] = [0, 0];
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      if (dx[j]! < radius) nx++;
      if (dy[j]! < radius) ny++;
    }
    sum += digamma(nx + 1) + digamma(ny + 1);
  }
  return digamma(k) + digamma(count) - sum / count;
}

/**
 * Between a continuous vector and a label (Ross, 2014): ψ(N) − ⟨ψ(N_label)⟩ + ψ(k) − ⟨ψ(m)⟩, m the samples within the distance
 * of the k-th neighbour of the same label.
 */
export function labelInformation(x: Samples, labels: readonly number[], k = 3): number {
  const count = x.length;
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const distances = new Float64Array(count);
  const nearest = new Float64Array(k);
  let [sum, used] = [0, 0];
  for (let i = 0; i < count; i++) {
    const own = sizes.get(labels[i]!)!;
    if (own <= k) continue;
    nearest.fill(Infinity);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      distances[j] = distance(x[i]!, x[j]!);
      if (labels[j] === labels[i]) keepSmallest(nearest, distances[j]!);
    }
    let within = 0;
    for (let j = 0; j < count; j++) if (j !== i && distances[j]! <= nearest[k - 1]!) within++;
    sum += digamma(own) + digamma(within);
    used++;
  }
  return digamma(count) + digamma(k) - sum / used;
}

export interface HistogramInformation {
  /** Σ p̂·ln(p̂/(p̂·p̂)): too large by about (B_x − 1)(B_y − 1)/(2N). */
  readonly plugIn: number;
  /** Less Miller's and Madow's correction (1955), by the bins that are occupied. */
  readonly corrected: number;
}

/** From a histogram of bins of equal counts along each axis. */
export function histogramInformation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  bins: number,
): HistogramInformation {
  const count = x.length;
  const [bx, by] = [quantileBins(x, bins), quantileBins(y, bins)];
  const joint = new Float64Array(bins * bins);
  const [alongX, alongY] = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < count; i++) {
    joint[bx[i]! * bins + by[i]!]!++;
    alongX[bx[i]!]!++;
    alongY[by[i]!]!++;
  }
  const entropy = (cells: Float64Array): number =>
    -cells.reduce((sum, cell) => (cell > 0 ? sum + (cell / count) * Math.log(cell / count) : sum), 0);
  const occupied = (cells: Float64Array): number => cells.reduce((sum, cell) => sum + (cell > 0 ? 1 : 0), 0);
  const plugIn = entropy(alongX) + entropy(alongY) - entropy(joint);
  const correction = (occupied(joint) - occupied(alongX) - occupied(alongY) + 1) / (2 * count);
  return { plugIn, corrected: plugIn - correction };
}

export interface PermutationNull {
  readonly mean: number;
  /** The largest of the shuffled estimates: what a dependence must exceed. */
  readonly largest: number;
}

/** What an estimator says of pairs that belong to nothing: the second of each is drawn anew from the others. */
export function permutationNull<T>(
  paired: readonly T[],
  estimate: (shuffled: T[]) => number,
  { random, times }: { readonly random: Random; readonly times: number },
): PermutationNull {
  const found = Array.from({ length: times }, () =>
    estimate(Array.from(random.permutation(paired.length), (i) => paired[i]!)),
  );
  return { mean: found.reduce((a, b) => a + b, 0) / times, largest: Math.max(...found) };
}

/** Pairs (x, y) of standard normal numbers with the given correlation. */
export function correlatedPairs(
  random: Random,
  correlation: number,
  count: number,
): { readonly x: number[]; readonly y: number[] } {
  const x = Array.from({ length: count }, () => random.normal());
  const rest = Math.sqrt(1 - correlation ** 2);
  return { x, y: x.map((value) => correlation * value + rest * random.normal()) };
}

/** Numbers as samples of one dimension. */
export const asSamples = (values: ArrayLike<number>): number[][] => Array.from(values, (value) => [value]);

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (d > largest) largest = d;
  }
  return largest;
}

/** Puts a number into the ascending list of the smallest seen. */
function keepSmallest(nearest: Float64Array, value: number): void {
  let at = nearest.length - 1;
  if (value >= nearest[at]!) return;
  for (; at > 0 && nearest[at - 1]! > value; at--) nearest[at] = nearest[at - 1]!;
  nearest[at] = value;
}

function quantileBins(values: ArrayLike<number>, bins: number): number[] {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const found = Array.from<number>({ length: order.length });
  order.forEach((i, rank) => (found[i] = Math.floor((rank * bins) / order.length)));
  return found;
}
