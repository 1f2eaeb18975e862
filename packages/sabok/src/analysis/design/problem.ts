// The question that the solver answers, checked and with every default filled in.
import { SabokError } from "../../core/index.ts";
import type { CostModel, Extent } from "./stack.ts";

/** What "relative receptive field" means: of the height, of the width, of the area, or of both edges at once. */
export type Measure = "h" | "w" | "area" | "each";

/**
 * Which stacks count. "final": an output sees every pixel of its receptive field. "prefix": so does every position of
 * every map in between. Both also ask that no stride exceeds its kernel, or pixels would lie between the windows.
 * "none": anything.
 */
export type Coverage = "none" | "prefix" | "final";

export interface DesignOptions {
  /** Height and width of the input; default 32x32. */
  readonly input?: Extent;
  /** The relative receptive field asked for, 0 to 1; default 0.5. */
  readonly threshold?: number;
  /** Default true: above the threshold; false: at least the threshold. */
  readonly strict?: boolean;
  /** Default "each". */
  readonly measure?: Measure;
  /** Least and most layers; default 1 to 5, or what a list of channels allows. */
  readonly layers?: readonly [from: number, to: number];
  /** Allowed kernel sizes; default 3, 5, 7. */
  readonly kernels?: readonly number[];
  /** Default 8. */
  readonly maxDilation?: number;
  /** Allowed strides; default 1. */
  readonly strides?: readonly number[];
  /** The least height and width of the last map; default 8. */
  readonly minOutput?: number;
  /** One number for every map, or C_0 … C_L for the deepest stack (shallower ones use its beginning); default 1. */
  readonly channels?: number | readonly number[];
  /** Default "valid": no padding. */
  readonly cost?: CostModel;
  /** Default "final". */
  readonly coverage?: Coverage;
}

/** DesignOptions with nothing left open. Kernels and strides ascend; `channels` are C_0 … C_L of the deepest stack. */
export interface DesignProblem extends Required<DesignOptions> {
  readonly channels: readonly number[];
}

export const designDefaults = {
  input: [32, 32],
  threshold: 0.5,
  strict: true,
  measure: "each",
  layers: [1, 5],
  kernels: [3, 5, 7],
  maxDilation: 8,
  strides: [1],
  minOutput: 8,
  channels: 1,
  cost: "valid",
  coverage: "final",
} as const satisfies Required<DesignOptions>;

const largestSide = 16384;
const largestWindow = 4096;
const mostLayers = 64;

/** Fills in the defaults. Throws SabokError for options that make no question. */
export function designProblem(options: DesignOptions = {}): DesignProblem {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const merged: Required<DesignOptions> = { ...designDefaults, ...given };
  const { input, threshold, channels } = merged;
  const list = typeof channels === "number" ? undefined : channels;
  const layers: readonly [number, number] =
    options.layers ?? (list ? [1, list.length - 1] : designDefaults.layers);

  for (const side of input) expectWhole("input", side, 1, largestSide);
  if (!(threshold >= 0 && threshold <= 1)) fail("threshold", threshold, "a share of the input from 0 to 1");
  for (const count of layers) expectWhole("layers", count, 1, mostLayers);
  if (layers[0] > layers[1]) fail("layers", layers.join(".."), "the smaller number first");
  expectWhole("maxDilation", merged.maxDilation, 1, largestWindow);
  expectWhole("minOutput", merged.minOutput, 1, largestSide);
  for (const count of list ?? [channels as number]) expectWhole("channels", count, 1, 1e6);
  if (list && list.length !== layers[1] + 1)
    fail(
      "channels",
      `${list.length} numbers`,
      `${layers[1] + 1} for up to ${layers[1]} layers (the input's and each output's), or one`,
    );

  const problem: DesignProblem = {
    ...merged,
    layers,
    kernels: ascending("kernels", merged.kernels),
    strides: ascending("strides", merged.strides),
    channels: list ?? Array.from({ length: layers[1] + 1 }, () => channels as number),
  };
  const widest = Math.max(...problem.channels);
  if (layers[1] * widest ** 2 * problem.kernels.at(-1)! ** 2 * input[0] * input[1] > Number.MAX_SAFE_INTEGER)
    throw new SabokError(
      "design: multiply-accumulates beyond 2^53 cannot be counted exactly; give fewer channels or a smaller input.",
    );
  return problem;
}

/** The receptive field relative to the input: of each edge and of the area. With padding it is clipped to the input. */
export interface RelativeField {
  readonly h: number;
  readonly w: number;
  readonly area: number;
}

export function relativeField(field: number, [height, width]: Extent): RelativeField {
  const [rows, columns] = [Math.min(field, height), Math.min(field, width)];
  // One division of whole numbers each, so that 7 of 100 is exactly the number written 0.07.
  return { h: rows / height, w: columns / width, area: (rows * columns) / (height * width) };
}

/** The relative receptive field in the problem's measure. */
export function seenShare({ input, measure }: DesignProblem, field: number): number {
  const { h, w, area } = relativeField(field, input);
  return { h, w, area, each: Math.min(h, w) }[measure];
}

export function isEnough(problem: DesignProblem, field: number): boolean {
  const seen = seenShare(problem, field);
  return problem.strict ? seen > problem.threshold : seen >= problem.threshold;
}

/** The least receptive field that is enough; undefined where even the whole input is not (above 1). */
export function leastReceptiveField(problem: DesignProblem): number | undefined {
  const largest = Math.max(...problem.input);
  for (let field = 1; field <= largest; field++) if (isEnough(problem, field)) return field;
  return undefined;
}

function ascending(name: string, values: readonly number[]): number[] {
  if (values.length === 0) fail(name, "none", "at least one");
  for (const value of values) expectWhole(name, value, 1, largestWindow);
  return [...new Set(values)].sort((a, b) => a - b);
}

function expectWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    fail(name, value, `a whole number from ${least} to ${most}`);
}

function fail(name: string, got: number | string, expected: string): never {
  throw new SabokError(`design: ${name}: got ${got}, expected ${expected}.`);
}
