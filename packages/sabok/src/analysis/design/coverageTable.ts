// What a partly built stack covers, reduced to what the rest of the stack can notice, and numbered.
//
// Sort the pairs (step a, extent e = a·(k − 1)) of its layers by a. Let B be the reach of the longest beginning without
// a hole; every pair after that waits for smaller steps of later layers to close the gap below it.
//   · Of the beginning only B matters: a step of at most B fits in, because the next larger one in it did.
//   · A waiting pair with a' ≤ a + e needs nothing once (a, e) has what it needs, and neither does a step between the
//     two: they wait as one pair (a, e + e').
// So B and the merged waiting pairs decide exactly which continuations end without holes, and R = B + Σe.
import type { Coverage } from "./problem.ts";

/** Instead of a number: no continuation can be without holes. */
export const notCovered = -1;

export class CoverageTable {
  /** By number: the receptive field R. */
  readonly spans: number[] = [];
  /** By number: B. */
  readonly reaches: number[] = [];
  /** By number: how many pairs wait. */
  readonly waiting: number[] = [];
  /** By number: no fewer layers can close all gaps. */
  readonly layersToClose: number[] = [];
  /** By number: closing all gaps adds at least so much to R. */
  readonly pixelsToClose: number[] = [];

  private readonly coverage: Coverage;
  private readonly largestKernel: number;
  private readonly saturation: number;

  /** Steps and extents of the waiting pairs, ascending, beginning at starts[number]. */
  private readonly pairs: number[] = [];
  private readonly starts: number[] = [];
  private readonly hashes: number[] = [];
  private readonly closedBySpan: Int32Array;
  private buckets = new Int32Array(1 << 12).fill(notCovered);

  // The pairs of the state being made.
  private readonly steps: number[] = [];
  private readonly extents: number[] = [];
  private count = 0;

  /** `largestField`: no field may be larger, or if they saturate, larger ones count as so large and no step may be larger. */
  constructor(coverage: Coverage, largestKernel: number, largestField: number, saturates: boolean) {
    this.coverage = coverage;
    this.largestKernel = largestKernel;
    this.saturation = saturates ? largestField : Infinity;
    this.closedBySpan = new Int32Array(largestField + 1).fill(notCovered);
  }

  /** The state of no layer: one pixel. */
  get empty(): number {
    return this.closed(1);
  }

  /** The state after one more layer with this step and extent, or notCovered. */
  add(state: number, step: number, extent: number): number {
    const reach = this.reaches[state]!;
    if (this.waiting[state] === 0) {
      if (extent === 0) return state;
      if (this.coverage === "none" || step <= reach)
        return this.closed(Math.min(this.saturation, reach + extent));
    }
    if (this.coverage === "prefix") return notCovered;
    return extent === 0 ? state : this.open(state, step, extent);
  }

  /** The state without holes of this field, or notCovered where none was met. */
  known(span: number): number {
    return this.closedBySpan[span]!;
  }

  /** A state without holes. */
  private closed(span: number): number {
    const known = this.closedBySpan[span]!;
    return known === notCovered ? (this.closedBySpan[span] = this.append(span, span, 0, 0)) : known;
  }

  private open(state: number, step: number, extent: number): number {
    let reach = this.reaches[state]!;
    const start = this.starts[state]!;
    const end = start + 2 * this.waiting[state]!;
    let isIn = step <= reach;
    if (isIn) reach += extent;
    this.count = 0;
    for (let at = start; at < end; at += 2) {
      if (!isIn && step <= this.pairs[at]!) {
        this.push(step, extent);
        isIn = true;
      }
      this.push(this.pairs[at]!, this.pairs[at + 1]!);
    }
    if (!isIn) this.push(step, extent);
    let first = 0;
    while (first < this.count && this.steps[first]! <= reach) reach += this.extents[first++]!;
    if (reach >= this.saturation) return this.closed(this.saturation); // every step is at most that
    return first === this.count ? this.closed(reach) : this.intern(reach, first);
  }

  private push(step: number, extent: number): void {
    const last = this.count - 1;
    if (last >= 0 && step <= this.steps[last]! + this.extents[last]!) {
      this.extents[last] = Math.min(this.extents[last]! + extent, this.saturation - this.steps[last]!);
      return;
    }
    this.steps[this.count] = step;
    this.extents[this.count] = Math.min(extent, this.saturation - step);
    this.count++;
  }

  /** The number of the state with this reach and the pairs from `first` on. */
  private intern(reach: number, first: number): number {
    let hash = reach;
    let span = reach;
    for (let i = first; i < this.count; i++) {
      hash = Math.imul(hash ^ this.steps[i]!, 0x9e3779b1);
      hash = Math.imul(hash ^ (hash >>> 15) ^ this.extents[i]!, 0x85ebca6b);
      span += this.extents[i]!;
    }
    hash ^= hash >>> 13;
    const mask = this.buckets.length - 1;
    let slot = hash & mask;
    for (; this.buckets[slot] !== notCovered; slot = (slot + 1) & mask)
      if (this.matches(this.buckets[slot]!, reach, first)) return this.buckets[slot]!;
    const state = this.append(span, reach, this.count - first, hash);
    for (let i = first; i < this.count; i++) this.pairs.push(this.steps[i]!, this.extents[i]!);
    this.measureGaps(state);
    this.buckets[slot] = state;
    if (2 * this.spans.length > this.buckets.length) this.grow();
    return state;
  }

  private matches(state: number, reach: number, first: number): boolean {
    const count = this.waiting[state]!;
    if (this.reaches[state] !== reach || count !== this.count - first) return false;
    let at = this.starts[state]!;
    for (let i = first; i < this.count; i++, at += 2)
      if (this.pairs[at] !== this.steps[i] || this.pairs[at + 1] !== this.extents[i]) return false;
    return true;
  }

  private append(span: number, reach: number, waiting: number, hash: number): number {
    this.starts.push(this.pairs.length);
    this.hashes.push(hash);
    this.reaches.push(reach);
    this.waiting.push(waiting);
    this.layersToClose.push(0);
    this.pixelsToClose.push(0);
    return this.spans.push(Math.min(this.saturation, span)) - 1;
  }

  /** A layer that leaves no hole multiplies a reach by its kernel at most. */
  private measureGaps(state: number): void {
    let most = this.reaches[state]!;
    let least = most;
    let layers = 0;
    let pixels = 0;
    const end = this.starts[state]! + 2 * this.waiting[state]!;
    for (let at = this.starts[state]!; at < end; at += 2) {
      const [step, extent] = [this.pairs[at]!, this.pairs[at + 1]!];
      for (; most < step; layers++) most *= this.largestKernel;
      most += extent;
      pixels += Math.max(0, step - least);
      least = Math.max(least, step) + extent;
    }
    this.layersToClose[state] = layers;
    this.pixelsToClose[state] = pixels;
  }

  private grow(): void {
    const old = this.buckets;
    this.buckets = new Int32Array(2 * old.length).fill(notCovered);
    const mask = this.buckets.length - 1;
    for (const state of old) {
      if (state === notCovered) continue;
      let slot = this.hashes[state]! & mask;
      while (this.buckets[slot] !== notCovered) slot = (slot + 1) & mask;
      this.buckets[slot] = state;
    }
  }
}
