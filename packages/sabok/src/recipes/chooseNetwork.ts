// The network for a budget: the largest member of the mobile family whose multiply-accumulates it allows.
import { SabokError } from "../core/index.ts";
import { countMacs, countParameters } from "../analysis/index.ts";
import type { Network } from "../nn/index.ts";
import { mobilenetFamily, mobilenetFamilyBlocks, type FamilyOptions } from "../nn/models/index.ts";

export interface NetworkBudget extends Omit<FamilyOptions, "width" | "depth"> {
  /** The most multiply-accumulates for one image. */
  readonly budget: number;
}

export interface NetworkForBudget {
  readonly network: Network;
  readonly width: number;
  readonly depth: number;
  /** The same network in timm's notation. */
  readonly blocks: string;
  readonly macs: number;
  readonly parameters: number;
}

/** Widths are whole hundredths, depths whole twelfths from a third to 3. */
const depths = Array.from({ length: 33 }, (_, i) => (i + 4) / 12);
/** How far width and depth may drift apart: each is at most this many times the other. */
const balance = 2;

/**
 * The largest balanced member of the family within the budget; of equally large ones the one whose width and depth are
 * nearest. Throws SabokError, with the smallest member's count, where even that does not fit.
 */
export function chooseNetwork({ budget, ...options }: NetworkBudget): NetworkForBudget {
  if (!(budget > 0))
    throw new SabokError(
      `The budget is ${budget}, expected a number of multiply-accumulates above 0, such as 3M.`,
    );
  const macsOf = macCounter(options);
  const best = depths
    .map((depth) => ({ depth, ...widestWithin(budget, depth, macsOf) }))
    .filter(({ macs }) => macs <= budget)
    .sort((a, b) => b.macs - a.macs || drift(a) - drift(b))[0];
  if (!best) {
    const least = macsOf(leastWidth(depths[0]!) / 100, depths[0]!);
    throw new SabokError(
      `A budget of ${budget.toLocaleString("en")} MACs is too small: the smallest network for ${(options.input ?? [3, 224, 224]).join("x")} ` +
        `images has ${least.toLocaleString("en")}. Give at least ${formatCount(least)}, or smaller images.`,
    );
  }
  const { width, depth, macs } = best;
  const network = mobilenetFamily({ ...options, width, depth });
  const blocks = mobilenetFamilyBlocks({ ...options, width, depth });
  return { network, width, depth, blocks, macs, parameters: countParameters(network.graph) };
}

type MacsOf = (width: number, depth: number) => number;

/** Counts each network once: many widths and depths round to the same blocks. */
function macCounter(options: FamilyOptions): MacsOf {
  const counted = new Map<string, number>();
  return (width, depth) => {
    const member = { ...options, width, depth };
    const blocks = mobilenetFamilyBlocks(member);
    const macs = counted.get(blocks) ?? countMacs(mobilenetFamily(member).graph);
    counted.set(blocks, macs);
    return macs;
  };
}

/** By bisection, as MACs never fall with the width; the narrowest where none fits. */
function widestWithin(budget: number, depth: number, macsOf: MacsOf): { width: number; macs: number } {
  let low = leastWidth(depth);
  let high = Math.floor(100 * depth * balance);
  let macs = macsOf(low / 100, depth);
  while (macs <= budget && low < high) {
    const middle = Math.ceil((low + high) / 2);
    const macsThere = macsOf(middle / 100, depth);
    if (macsThere <= budget) [low, macs] = [middle, macsThere];
    else high = middle - 1;
  }
  return { width: low / 100, macs };
}

/** In hundredths. */
function leastWidth(depth: number): number {
  return Math.ceil((100 * depth) / balance);
}

function drift({ width, depth }: { readonly width: number; readonly depth: number }): number {
  return Math.abs(Math.log(width / depth));
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/** Reads "300K", "3M", "1.5G" or "300000" as a whole number. Throws SabokError. */
export function parseCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([kmg]?)$/i.exec(text.trim().replaceAll("_", ""));
  const count = match ? Math.round(Number(match[1]) * units[match[2]!.toLowerCase()]!) : 0;
  if (count < 1)
    throw new SabokError(
      `"${text}" is not a count; write a number above 0 with K, M or G, such as 300K, 3M or 1.5G.`,
    );
  return count;
}

/** "788K", rounded up to three digits, so that the count it names is enough. */
function formatCount(count: number): string {
  const [unit, size] = count >= 1e9 ? ["G", 1e9] : count >= 1e6 ? ["M", 1e6] : ["K", 1e3];
  const digits = 10 ** Math.max(0, 2 - Math.floor(Math.log10(count / size)));
  return `${Math.ceil((count / size) * digits) / digits}${unit}`;
}
