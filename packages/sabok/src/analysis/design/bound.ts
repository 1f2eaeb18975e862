// What a search that is stopped has still proved: no stack that it has not seen can cost less than the bound.
import { leastReceptiveField } from "./problem.ts";
import type { Search } from "./search.ts";

/**
 * The least that a stack not yet finished can cost, over all depths asked for: the MACs of an open state, plus those of
 * its cheapest continuation in a problem that asks for less. Without padding that one drops the coverage rule; with
 * padding it keeps its consequence that each layer multiplies the receptive field by its kernel at most.
 */
export class LowerBound {
  private readonly search: Search;
  private readonly least: number;
  private readonly byProduct: boolean;
  private readonly width: number;
  /** By depth: the cost of at least one more layer, by jump and field. */
  private readonly continuations: Float64Array[] = [];

  constructor(search: Search) {
    this.search = search;
    const { cost, coverage, layers, input } = search.problem;
    const longest = Math.max(...input);
    this.least = leastReceptiveField(search.problem) ?? longest + 1;
    this.byProduct = cost === "same" && coverage !== "none";
    this.width = longest + 1;
    const size = this.width * search.jumpTable.values.length;
    for (let depth = layers[1] - 1; depth >= 0; depth--) {
      const table = new Float64Array(size).fill(Infinity);
      this.continuations[depth] = table;
      for (let jump = 0; jump < search.jumpTable.values.length; jump++)
        for (let field = 1; field < this.width; field++)
          table[jump * this.width + field] = this.cheapestLayer(depth, jump, field);
    }
  }

  /** The bound on all that the search has not finished; Infinity once it has finished everything. */
  ofOpenStates(): number {
    const { levels, finishedDepth, expandedRows, problem } = this.search;
    const last = problem.layers[1];
    let bound = Infinity;
    for (let depth = finishedDepth; depth < Math.min(levels.length, last); depth++) {
      const { macs, covers, jumps } = levels[depth]!;
      for (let row = depth === finishedDepth ? expandedRows : 0; row < macs.length; row++) {
        const field = this.search.covers.spans[covers[row]!]!;
        bound = Math.min(bound, macs[row]! + this.continuations[depth]![jumps[row]! * this.width + field]!);
      }
    }
    return bound;
  }

  private cheapestLayer(depth: number, jump: number, field: number): number {
    const { problem, jumpTable } = this.search;
    const { kernels, maxDilation, cost, channels, layers } = problem;
    const pairs = channels[depth]! * channels[depth + 1]!;
    let cheapest = Infinity;
    for (const kernel of kernels) {
      const lastDilation = kernel === 1 || this.byProduct ? 1 : maxDilation;
      for (let dilation = 1; dilation <= lastDilation; dilation++) {
        const sum = field + dilation * jumpTable.values[jump]! * (kernel - 1);
        if (cost === "valid" && sum > jumpTable.fieldLimits[jump]!) break;
        const grown = Math.min(this.width - 1, this.byProduct ? field * kernel : sum);
        for (const next of jumpTable.next[jump]!) {
          if (grown > jumpTable.fieldLimits[next]!) continue;
          const ends = depth + 1 >= layers[0] && grown >= this.least;
          const rest = ends ? 0 : (this.continuations[depth + 1]?.[next * this.width + grown] ?? Infinity);
          cheapest = Math.min(cheapest, pairs * kernel ** 2 * this.search.areaOf(next, grown) + rest);
        }
        if (cost === "same" && sum >= this.width) break;
      }
    }
    return cheapest;
  }
}
