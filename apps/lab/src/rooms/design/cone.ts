// What one output reads, layer by layer, along one axis: the positions of every map in input pixels, the output's own being 0.
import { jumpsOf, type ConvolutionLayer } from "sabok/analysis";

export interface Cone {
  /** From the input to the output: the positions that are read, ascending. */
  readonly levels: readonly (readonly number[])[];
  /** For each layer, from a position of its operand to one of its result. */
  readonly edges: readonly (readonly (readonly [from: number, to: number])[])[];
}

/** A tap i of layer l lies (i − (k − 1)/2)·d·J pixels from the position that reads it. */
export function coneOf(layers: readonly ConvolutionLayer[]): Cone {
  const jumps = jumpsOf(layers);
  let level: readonly number[] = [0];
  const levels = [level];
  const edges: (readonly (readonly [number, number])[])[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { kernel, dilation } = layers[l]!;
    const links = level.flatMap((to) =>
      Array.from(
        { length: kernel },
        (_, tap) => [to + (tap - (kernel - 1) / 2) * dilation * jumps[l]!, to] as const,
      ),
    );
    level = [...new Set(links.map(([from]) => from))].sort((a, b) => a - b);
    levels.unshift(level);
    edges.unshift(links);
  }
  return { levels, edges };
}
