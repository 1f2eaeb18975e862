// A small search space in the manner of MobileNetV3's: five blocks in a row, each an inverted residual of some kernel and
// expansion, or, where the shape stays, none. tools/study/latency.mjs measures its blocks.
import { network, scope, type Network } from "../../nn/index.ts";
import { invertedResidual } from "../mobileFamily.ts";

export interface Place {
  readonly in: number;
  readonly out: number;
  /** Side of the input map. */
  readonly size: number;
  readonly stride: number;
}

export const places: readonly Place[] = [
  { in: 16, out: 24, size: 56, stride: 2 },
  { in: 24, out: 24, size: 28, stride: 1 },
  { in: 24, out: 40, size: 28, stride: 2 },
  { in: 40, out: 40, size: 14, stride: 1 },
  { in: 40, out: 80, size: 14, stride: 2 },
];

/** A block of the space; expansion 0 is no block. */
export interface Choice {
  readonly kernel: number;
  readonly expansion: number;
}

const blocks: readonly Choice[] = [3, 5].flatMap((kernel) =>
  [3, 4, 6].map((expansion) => ({ kernel, expansion })),
);

/** What may stand at a place: every block, and nothing where the shape stays. */
export function choicesAt(place: Place): readonly Choice[] {
  return place.stride === 1 && place.in === place.out ? [...blocks, { kernel: 1, expansion: 0 }] : blocks;
}

export function choiceName({ kernel, expansion }: Choice): string {
  return expansion === 0 ? "none" : `k${kernel} e${expansion}`;
}

/** Blocks one after the other, from place `first` on. */
export function chainNetwork(choices: readonly Choice[], first = 0): Network {
  const { in: channels, size } = places[first]!;
  return network({ image: [channels, size, size] }, ({ image }) =>
    choices.reduce((x, { kernel, expansion }, i) => {
      const { out, stride } = places[first + i]!;
      return expansion === 0
        ? x
        : scope(`blocks.${first + i}`, () => invertedResidual(x, { kernel, expansion, out, stride }));
    }, image),
  );
}
