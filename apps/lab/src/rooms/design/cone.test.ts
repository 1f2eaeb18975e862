import { receptiveFieldsOf, supportOf, type ConvolutionLayer } from "sabok/analysis";
import { expect, test } from "vitest";
import { coneOf } from "./cone.ts";

const stack = (...triples: readonly (readonly [number, number, number])[]): ConvolutionLayer[] =>
  triples.map(([kernel, dilation, stride]) => ({ kernel, dilation, stride }));

test("kernel 3 at dilation 2, then kernel 3: three of the first map, seven of the input", () => {
  const { levels, edges } = coneOf(stack([3, 2, 1], [3, 1, 1]));
  expect(levels).toEqual([[-3, -2, -1, 0, 1, 2, 3], [-1, 0, 1], [0]]);
  expect(edges.map((links) => links.length)).toEqual([9, 3]);
  expect(edges[1]).toEqual([
    [-1, 0],
    [0, 0],
    [1, 0],
  ]);
});

test.each([
  [stack([3, 1, 1], [3, 2, 1], [3, 4, 1])],
  [stack([3, 1, 2], [3, 3, 1], [3, 1, 2])],
  [stack([2, 1, 1], [5, 2, 2], [4, 1, 1])],
  [stack([3, 2, 1], [3, 2, 1])],
])("what it reads of the input is the library's support: %j", (layers) => {
  const [input] = coneOf(layers).levels;
  const support = supportOf(layers);
  expect(input!.map((position) => position - input![0]!)).toEqual(support);
  expect(input!.at(-1)! - input![0]! + 1).toBe(receptiveFieldsOf(layers).at(-1));
});
