// Fixed splits: a function of the labels, the seed and the fractions, the same for every run and every machine.
import { Random, SabokError, hashName, mix32 } from "../core/index.ts";

export interface SplitFractions {
  readonly validation: number;
  readonly test: number;
}

export interface SplitIndices {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Divides images among train, validation and test, class by class, so that each split keeps the proportions of the
 * classes. A class of three images or more has one at least in every split whose fraction is not 0; a class of two goes
 * to train and test; a class of one to train. The indices of each split ascend.
 */
export function splitIndices(labels: Uint16Array, seed: number, fractions: SplitFractions): SplitIndices {
  const { validation, test } = fractions;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw new SabokError(
      `splits: got ${validation} of the images for validation and ${test} for test; ` +
        "each must be at least 0 and their sum below 1, for instance 0.1.",
    );
  const members: number[][] = [];
  labels.forEach((label, index) => (members[label] ??= []).push(index));
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  members.forEach((indices, label) => {
    const order = new Random(mix32((seed ^ hashName("split")) + label)).permutation(indices.length);
    const tests = share(indices.length, test, indices.length - 1);
    const validations = share(indices.length, validation, indices.length - tests - 1);
    order.forEach((member, rank) => {
      const part = rank < tests ? parts.test : rank < tests + validations ? parts.validation : parts.train;
      part.push(indices[member]!);
    });
  });
  return {
    train: ascending(parts.train),
    validation: ascending(parts.validation),
    test: ascending(parts.test),
  };
}

function share(count: number, fraction: number, most: number): number {
  return fraction === 0 ? 0 : Math.min(Math.max(1, Math.round(fraction * count)), most);
}

function ascending(indices: readonly number[]): Uint32Array {
  return Uint32Array.from(indices).sort();
}
