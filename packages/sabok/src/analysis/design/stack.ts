// What a stack of square convolutions sees along one axis, and what it costs: closed formulas, no graph.
// Layer l reads its operand every d_l pixels, which are a_l = d_l·J_{l−1} pixels of the input; J is the product of strides.
import { sizeOf } from "../../core/index.ts";

/** One square convolution of a stack. */
export interface ConvolutionLayer {
  readonly kernel: number;
  readonly dilation: number;
  readonly stride: number;
}

export type Layers = readonly ConvolutionLayer[];

/** Height and width. */
export type Extent = readonly [height: number, width: number];

/** How maps shrink: no padding, or as much as makes an output ⌈size/stride⌉. */
export type CostModel = "valid" | "same";

/** J_0 = 1, J_1 … J_L: the input pixels between neighbouring positions of each map. */
export function jumpsOf(layers: Layers): number[] {
  const jumps = [1];
  for (const { stride } of layers) jumps.push(jumps.at(-1)! * stride);
  return jumps;
}

/** a_l: the input pixels between neighbouring taps of each layer. */
export function stepsOf(layers: Layers): number[] {
  const jumps = jumpsOf(layers);
  return layers.map(({ dilation }, l) => dilation * jumps[l]!);
}

/** R_1 … R_L, with R_l = R_{l−1} + d_l(k_l − 1)J_{l−1}: the side of the square of input pixels that a position of each map can see. */
export function receptiveFieldsOf(layers: Layers): number[] {
  const steps = stepsOf(layers);
  let field = 1;
  return layers.map(({ kernel }, l) => (field += steps[l]! * (kernel - 1)));
}

/** R_L; 1 for no layer. */
export function stackReceptiveField(layers: Layers): number {
  return receptiveFieldsOf(layers).at(-1) ?? 1;
}

/** One side of a map: ⌊(size − R)/J⌋ + 1 without padding (nested floors collapse; below 1: nothing fits), ⌈size/J⌉ with it. */
export function outputSide(size: number, field: number, jump: number, cost: CostModel): number {
  return cost === "valid" ? Math.floor((size - field) / jump) + 1 : Math.ceil(size / jump);
}

/** Height and width of each layer's output. */
export function outputsOf(layers: Layers, input: Extent, cost: CostModel): Extent[] {
  const jumps = jumpsOf(layers);
  return receptiveFieldsOf(layers).map((field, l) => {
    const side = (size: number): number => outputSide(size, field, jumps[l + 1]!, cost);
    return [side(input[0]), side(input[1])];
  });
}

/** Multiply-accumulates of each layer, C_{l−1}·C_l·k_l²·h_l·w_l; `channels` are C_0 … C_L. */
export function layerMacs(
  layers: Layers,
  input: Extent,
  channels: readonly number[],
  cost: CostModel,
): number[] {
  return outputsOf(layers, input, cost).map(
    (output, l) => channels[l]! * channels[l + 1]! * layers[l]!.kernel ** 2 * sizeOf(output),
  );
}

/**
 * Whether an output sees every pixel of its receptive field. Exact, in any order of layers and with any stride: by
 * rising step, each step must be at most what the smaller ones already reach, for then its taps leave no gap.
 */
export function isHoleFree(layers: Layers): boolean {
  const steps = stepsOf(layers);
  const sorted = layers
    .map(({ kernel }, l) => ({ step: steps[l]!, kernel }))
    .filter(({ kernel }) => kernel > 1)
    .sort((a, b) => a.step - b.step);
  let reach = 1;
  for (const { step, kernel } of sorted) {
    if (step > reach) return false;
    reach += step * (kernel - 1);
  }
  return true;
}

/** The offsets, from 0, of the input pixels that output 0 reads along an axis, ascending. */
export function supportOf(layers: Layers): number[] {
  const steps = stepsOf(layers);
  let seen = new Set([0]);
  for (const [l, { kernel }] of layers.entries()) {
    const next = new Set<number>();
    for (const offset of seen) for (let tap = 0; tap < kernel; tap++) next.add(offset + tap * steps[l]!);
    seen = next;
  }
  return [...seen].sort((a, b) => a - b);
}

/** Standard deviation, in pixels, of the effective receptive field at equal weights: √(Σ a_l²(k_l² − 1)/12). */
export function effectiveStdOf(layers: Layers): number {
  const steps = stepsOf(layers);
  return Math.sqrt(layers.reduce((sum, { kernel }, l) => sum + (steps[l]! ** 2 * (kernel ** 2 - 1)) / 12, 0));
}

/** The rule of hybrid dilated convolution: M_2, the longest distance between taps that it foresees, must be at most K. */
export interface HybridDilation {
  readonly distance: number;
  readonly holds: boolean;
}

/**
 * Hybrid dilated convolution (Wang et al., 2018): M_n = r_n, M_i = max(M_{i+1} − 2r_i, 2r_i − M_{i+1}, r_i), and M_2 ≤ K.
 * It never looks at r_1, so (2,2,2) passes although an output misses every odd pixel: isHoleFree is the exact answer.
 * Undefined where the rule does not apply: one layer, kernels that differ, strides.
 */
export function hybridDilation(layers: Layers): HybridDilation | undefined {
  const [first] = layers;
  if (layers.length < 2 || layers.some(({ kernel, stride }) => kernel !== first!.kernel || stride !== 1))
    return undefined;
  let distance = layers.at(-1)!.dilation;
  for (const { dilation } of layers.slice(1, -1).reverse())
    distance = Math.max(distance - 2 * dilation, 2 * dilation - distance, dilation);
  return { distance, holds: distance <= first!.kernel };
}

/** "3x3 d8, 5x5 s2, 3x3 x2": the layers in a few characters, equal neighbours counted. */
export function stackText(layers: Layers): string {
  const runs: { text: string; count: number }[] = [];
  for (const { kernel, dilation, stride } of layers) {
    const text = `${kernel}x${kernel}${dilation > 1 ? ` d${dilation}` : ""}${stride > 1 ? ` s${stride}` : ""}`;
    if (runs.at(-1)?.text === text) runs.at(-1)!.count++;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count > 1 ? `${text} x${count}` : text)).join(", ");
}

/** "3, 5, 7", "1 to 16": ascending whole numbers, a run of four and more by its ends. */
export function numbersText(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const n of numbers) {
    const run = runs.at(-1);
    if (run && n === run[1] + 1) run[1] = n;
    else runs.push([n, n]);
  }
  return runs
    .flatMap(([first, last]) =>
      last - first < 3
        ? Array.from({ length: last - first + 1 }, (_, i) => String(first + i))
        : [`${first} to ${last}`],
    )
    .join(", ");
}
