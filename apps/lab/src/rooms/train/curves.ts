// The numbers behind the curves: steps gathered so that a long run stays cheap to draw, and lines of several runs brought
// to one x axis.
import type { CurveData } from "../../shared/liveCurve.tsx";

/** A point of a line. */
export type Point = readonly [x: number, y: number];

/** A mean over a few steps. */
export interface Gathered {
  readonly x: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly rate: number;
}

/** At most this many points are kept of a run; beyond it neighbours are merged two by two. */
const most = 1024;

/** The steps of a run, in their order, thinned evenly as they become many. */
export class StepCurve {
  private readonly limit: number;
  private points: Gathered[] = [];
  private waiting: Gathered[] = [];
  private stepsPerPoint = 1;

  constructor(limit = most) {
    this.limit = limit;
  }

  /** What is to be drawn; the last point may be a mean over fewer steps than the others. */
  get all(): readonly Gathered[] {
    return this.waiting.length > 0 ? [...this.points, meanOf(this.waiting)] : this.points;
  }

  add(step: Gathered): void {
    this.waiting.push(step);
    if (this.waiting.length < this.stepsPerPoint) return;
    this.points.push(meanOf(this.waiting));
    this.waiting = [];
    if (this.points.length < this.limit) return;
    this.points = pairs(this.points).map(meanOf);
    this.stepsPerPoint *= 2;
  }
}

function pairs(points: readonly Gathered[]): Gathered[][] {
  return Array.from({ length: Math.ceil(points.length / 2) }, (_, i) => points.slice(2 * i, 2 * i + 2));
}

/** x is that of the last. */
function meanOf(points: readonly Gathered[]): Gathered {
  const mean = (value: (point: Gathered) => number): number =>
    points.reduce((sum, point) => sum + value(point), 0) / points.length;
  return {
    x: points.at(-1)!.x,
    loss: mean(({ loss }) => loss),
    accuracy: mean(({ accuracy }) => accuracy),
    rate: mean(({ rate }) => rate),
  };
}

/** An exponential moving average that begins at the first value; `keep` is what stays of the old one at each point. */
export function smoothed(values: readonly number[], keep = 0.9): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
}

/**
 * A line at other places: straight between its points (x ascending), null before the first; beyond the last null too, or,
 * where it holds, the last value.
 */
export function sampled(xs: readonly number[], points: readonly Point[], holds = false): (number | null)[] {
  let next = 0;
  return xs.map((x) => {
    while (next < points.length && points[next]![0] < x) next++;
    const [before, after] = [points[next - 1], points[next]];
    if (after?.[0] === x) return after[1];
    if (!after) return holds && before ? before[1] : null;
    if (!before) return null;
    return before[1] + ((after[1] - before[1]) * (x - before[0])) / (after[0] - before[0]);
  });
}

export interface Line {
  readonly points: readonly Point[];
  /** Whether its last value holds to the right. */
  readonly holds?: boolean;
}

/** Lines over one x axis, which has every x of theirs. */
export function overlaid(lines: readonly Line[]): CurveData {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  return [xs, ...lines.map(({ points, holds = false }) => sampled(xs, points, holds))];
}
