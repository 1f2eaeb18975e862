// The exact search: dynamic programming over layers. A state is what the layers so far have covered (coverageTable.ts, it
// contains the receptive field R) and the jump J, for the cost of a layer depends on R, J and its own kernel alone. Every
// state is kept, not only the best: without padding a larger R makes later maps smaller.
import { CoverageTable, notCovered } from "./coverageTable.ts";
import type { DesignProblem } from "./problem.ts";
import { outputSide, type ConvolutionLayer } from "./stack.ts";

/** The states that stacks of one depth can be in, each with its cheapest way there. Rows of a table, kept as columns. */
interface Level {
  readonly covers: number[];
  readonly jumps: number[];
  readonly macs: number[];
  /** Row of the level before. */
  readonly parents: number[];
  /** The last layer: see `layerOf`. */
  readonly choices: number[];
}

/** A place in the search: a row of a level. */
export interface Node {
  readonly depth: number;
  readonly row: number;
}

/** The jumps that can occur, by number, and what each allows. */
class JumpTable {
  readonly values = [1];
  /** next[jump][stride index], or -1 where too little of the map would be left. */
  readonly next: number[][] = [];
  /** The largest R that leaves enough of the map; 0 where none does. */
  readonly fieldLimits: number[] = [];

  constructor({ input, strides, minOutput, cost }: DesignProblem) {
    const [short, long] = [Math.min(...input), Math.max(...input)];
    for (let at = 0; at < this.values.length; at++) {
      const jump = this.values[at]!;
      const enough =
        cost === "valid"
          ? short - jump * (minOutput - 1)
          : outputSide(short, 1, jump, cost) >= minOutput
            ? Infinity
            : 0;
      this.fieldLimits.push(Math.max(0, enough));
      this.next.push(
        strides.map((stride) => {
          // From the longer edge on every map is one pixel and every further kernel sees all: jumps are told apart no more.
          const product = Math.min(jump * stride, long);
          const known = this.values.indexOf(product);
          return known >= 0 ? known : this.values.push(product) - 1;
        }),
      );
    }
  }
}

export class Search {
  readonly problem: DesignProblem;
  readonly covers: CoverageTable;
  readonly jumpTable: JumpTable;
  readonly levels: Level[] = [];
  /** Layers tried on states. */
  transitions = 0;
  /** Depths up to here are searched to the end. */
  finishedDepth = 0;
  /** The first row of the deepest finished level that is not expanded. */
  expandedRows = 0;

  private readonly longest: number;
  /** Row + 1 of the level being built, by cover and jump; 0: none. */
  private rows = new Int32Array(1 << 12);
  /** Output positions by jump and field, as needed. */
  private readonly areas: number[][];

  constructor(problem: DesignProblem) {
    this.problem = problem;
    const { input, kernels, cost, coverage } = problem;
    this.longest = Math.max(...input);
    // With padding only the threshold asks for the field, and nothing is above the whole input.
    this.covers = new CoverageTable(coverage, kernels.at(-1)!, this.longest, cost === "same");
    this.jumpTable = new JumpTable(problem);
    this.areas = this.jumpTable.values.map(() => []);
    this.levels.push({ covers: [this.covers.empty], jumps: [0], macs: [0], parents: [-1], choices: [-1] });
  }

  /** States found so far. */
  get states(): number {
    return this.levels.reduce((sum, { covers }) => sum + covers.length, 0);
  }

  /** Searches all depths; yields after every so many transitions, so that the caller may rest or stop. */
  *run(pauseAfter = 20_000): Generator<void, void> {
    for (let depth = 1; depth <= this.problem.layers[1]; depth++) {
      const from = this.levels[depth - 1]!;
      this.levels.push({ covers: [], jumps: [], macs: [], parents: [], choices: [] });
      const withoutHoles = this.cheapestByCover(depth - 1);
      let pauseAt = this.transitions + pauseAfter;
      for (let row = 0; row < from.covers.length; row++) {
        this.expandedRows = row;
        if (this.transitions > pauseAt) {
          yield;
          pauseAt = this.transitions + pauseAfter;
        }
        if (!this.isDominated(from, row, withoutHoles)) this.expand(depth, row);
      }
      const { covers, jumps } = this.levels[depth]!;
      for (let row = 0; row < covers.length; row++) this.rows[this.slotOf(covers[row]!, jumps[row]!)] = 0;
      this.finishedDepth = depth;
      this.expandedRows = 0;
    }
  }

  /** MACs of the states of a depth without waiting gaps, by slot. */
  private cheapestByCover(depth: number): Map<number, number> {
    const { covers, jumps, macs } = this.levels[depth]!;
    const cheapest = new Map<number, number>();
    for (let row = 0; row < covers.length; row++)
      if (this.covers.waiting[covers[row]!] === 0)
        cheapest.set(this.slotOf(covers[row]!, jumps[row]!), macs[row]!);
    return cheapest;
  }

  /** Whether a state of the same field and jump without holes costs no more: every continuation suits that one too. */
  private isDominated(
    { covers, jumps, macs }: Level,
    row: number,
    withoutHoles: ReadonlyMap<number, number>,
  ): boolean {
    const cover = covers[row]!;
    if (this.covers.waiting[cover] === 0) return false;
    const whole = this.covers.known(this.covers.spans[cover]!);
    return (
      whole !== notCovered && (withoutHoles.get(this.slotOf(whole, jumps[row]!)) ?? Infinity) <= macs[row]!
    );
  }

  /** Tries every layer on one state of depth − 1. */
  private expand(depth: number, row: number): void {
    const { kernels, maxDilation, strides, cost, coverage, layers, channels } = this.problem;
    const { covers, jumpTable, longest } = this;
    const from = this.levels[depth - 1]!;
    const [cover, jump, before] = [from.covers[row]!, from.jumps[row]!, from.macs[row]!];
    const pixels = jumpTable.values[jump]!;
    const [field, reach] = [covers.spans[cover]!, covers.reaches[cover]!];
    const pairs = channels[depth - 1]! * channels[depth]!;
    const layersLeft = layers[1] - depth;
    const widest = jumpTable.fieldLimits[jump]!;
    for (let k = 0; k < kernels.length; k++) {
      const kernel = kernels[k]!;
      const weight = pairs * kernel * kernel;
      const lastDilation = kernel === 1 ? 1 : maxDilation;
      for (let dilation = 1; dilation <= lastDilation; dilation++) {
        const step = dilation * pixels;
        const extent = step * (kernel - 1);
        // With padding nothing is above the whole input, and where holes count no step is above what is seen already.
        const seesAll = coverage === "none" ? step - pixels >= longest : step > longest;
        if (cost === "valid" ? field + extent > widest : seesAll) break;
        if (layersLeft === 0 && coverage !== "none" && extent > 0 && step > reach) break; // no layer is left to close the gap
        const next = covers.add(cover, step, extent);
        if (next === notCovered) break;
        const isOpen = covers.waiting[next]! > 0;
        this.transitions++;
        if (isOpen && covers.layersToClose[next]! > layersLeft) continue;
        const grown = covers.spans[next]!;
        const finalField = grown + covers.pixelsToClose[next]!;
        for (let s = 0; s < strides.length; s++) {
          if (coverage !== "none" && strides[s]! > kernel) break;
          const nextJump = jumpTable.next[jump]![s]!;
          if (finalField > jumpTable.fieldLimits[nextJump]!) break;
          // Steps of later layers are multiples of the jump: one above the reach closes no gap.
          if (isOpen && jumpTable.values[nextJump]! > covers.reaches[next]!) break;
          const macs = before + weight * this.areaOf(nextJump, grown);
          this.record(depth, next, nextJump, macs, row, (dilation * kernels.length + k) * strides.length + s);
        }
      }
    }
  }

  private record(
    depth: number,
    cover: number,
    jump: number,
    macs: number,
    parent: number,
    choice: number,
  ): void {
    const level = this.levels[depth]!;
    const slot = this.slotOf(cover, jump);
    const row = this.rows[slot]! - 1;
    if (row < 0) {
      level.covers.push(cover);
      level.jumps.push(jump);
      level.macs.push(macs);
      level.parents.push(parent);
      level.choices.push(choice);
      this.rows[slot] = level.covers.length;
    } else if (macs < level.macs[row]!) {
      level.macs[row] = macs;
      level.parents[row] = parent;
      level.choices[row] = choice;
    }
  }

  private slotOf(cover: number, jump: number): number {
    const slot = cover * this.jumpTable.values.length + jump;
    if (slot >= this.rows.length) {
      const larger = new Int32Array(2 * Math.max(slot, this.rows.length));
      larger.set(this.rows);
      this.rows = larger;
    }
    return slot;
  }

  /** Positions of a map with this jump and receptive field. */
  areaOf(jump: number, field: number): number {
    const {
      input: [height, width],
      cost,
    } = this.problem;
    const value = this.jumpTable.values[jump]!;
    return (this.areas[jump]![field] ??=
      outputSide(height, field, value, cost) * outputSide(width, field, value, cost));
  }

  fieldOf({ depth, row }: Node): number {
    return this.covers.spans[this.levels[depth]!.covers[row]!]!;
  }

  macsOf({ depth, row }: Node): number {
    return this.levels[depth]!.macs[row]!;
  }

  /** The stack that reaches a state most cheaply. */
  layersOf({ depth, row }: Node): ConvolutionLayer[] {
    const { kernels, strides } = this.problem;
    const layers: ConvolutionLayer[] = [];
    for (let at = depth, i = row; at > 0; i = this.levels[at--]!.parents[i]!) {
      const choice = this.levels[at]!.choices[i]!;
      const rest = Math.floor(choice / strides.length);
      layers.push({
        kernel: kernels[rest % kernels.length]!,
        dilation: Math.floor(rest / kernels.length),
        stride: strides[choice % strides.length]!,
      });
    }
    return layers.reverse();
  }

  /** The cheapest finished stack of a depth for each receptive field: states in which no gap waits. */
  cheapestByField(depth: number): Map<number, Node> {
    const { covers, macs } = this.levels[depth]!;
    const cheapest = new Map<number, Node>();
    for (let row = 0; row < covers.length; row++) {
      if (this.covers.waiting[covers[row]!]! > 0) continue;
      const field = this.covers.spans[covers[row]!]!;
      const known = cheapest.get(field);
      if (!known || macs[row]! < macs[known.row]!) cheapest.set(field, { depth, row });
    }
    return cheapest;
  }
}
