// Made by tools/study/latency.mjs: milliseconds of each block of the search space, alone, one image, one thread.

/** What they were measured on. */
export const measuredOn = "AMD EPYC, wasm, 1 thread";

/** By place, then in the order of choicesAt. */
export const latencyTable: readonly (readonly number[])[] = [
  [0.3298, 0.4053, 0.5496, 0.3698, 0.4579, 0.6305],
  [0.2431, 0.3005, 0.4165, 0.2857, 0.3574, 0.5057, 0],
  [0.1582, 0.1959, 0.2709, 0.1747, 0.2186, 0.3056],
  [0.1378, 0.1739, 0.2471, 0.1571, 0.2002, 0.2857, 0],
  [0.0982, 0.1236, 0.1742, 0.1041, 0.1318, 0.1868],
];

/** Whole chains by the number of the choice at each place: the sum of their blocks and what they take. */
export const measuredChains: readonly {
  readonly chosen: readonly number[];
  readonly sum: number;
  readonly measured: number;
}[] = [
  { chosen: [0, 0, 0, 0, 0], sum: 0.9671, measured: 0.7908 },
  { chosen: [2, 2, 2, 2, 2], sum: 1.6583, measured: 1.4848 },
  { chosen: [5, 5, 5, 5, 5], sum: 1.9143, measured: 1.739 },
  { chosen: [4, 4, 4, 4, 4], sum: 1.3659, measured: 1.1892 },
];
