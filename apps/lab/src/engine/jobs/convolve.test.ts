// Against the vectors of theory.md 4.1 to 4.4, written as maps of one row by kernels whose other rows are zero.
import { expect, test } from "vitest";
import type { JobContext } from "../job.ts";
import * as jobs from "./convolve.ts";
import type { ConvolveGeometry, ConvolveRequest } from "./convolve.ts";

const context: JobContext<never> = {
  signal: new AbortController().signal,
  progress: () => {},
  transfer: () => {},
  breathe: async () => {},
};

const convolve = (request: ConvolveRequest) => jobs.convolve(request, context);
const convolveLinks = (geometry: ConvolveGeometry) => jobs.convolveLinks(geometry, context);

const square: ConvolveGeometry = {
  operation: "convolution",
  height: 4,
  width: 4,
  kernel: 3,
  stride: 1,
  dilation: 1,
  padding: 1,
  outputPadding: 0,
};
/** A 4x4 map whose second row is given, and a 3x3 kernel whose middle row is given: along that row, TV-4.1 to 4.4. */
const row = (numbers: readonly number[]) => [0, 0, 0, 0, ...numbers, 0, 0, 0, 0, 0, 0, 0, 0];
const middle = (numbers: readonly number[]) => [0, 0, 0, ...numbers, 0, 0, 0];

test("TV-4.1: a row of four, kernel (1,2,3), padding one", async () => {
  const { y, height, width } = await convolve({
    ...square,
    x: row([1, 2, 3, 4]),
    w: middle([1, 2, 3]),
    cotangent: "ones",
  });
  expect([height, width]).toEqual([4, 4]);
  expect([...y]).toEqual(row([8, 14, 20, 11]));
});

test("TV-4.2: the gradients, by reverse mode", async () => {
  // L = y_2 along the row, so dL/dx is the kernel around it and dL/dw what it reads.
  const { dy, dx, dw } = await convolve({
    ...square,
    x: row([1, 2, 3, 4]),
    w: middle([1, 2, 3]),
    cotangent: 5,
  });
  expect([...dy]).toEqual(row([0, 1, 0, 0]));
  expect([...dx]).toEqual(row([1, 2, 3, 0]));
  expect([...dw]).toEqual(middle([1, 2, 3]));
});

test("TV-4.4: a transposed convolution with padding one is the transpose", async () => {
  const transposed = { ...square, operation: "transposed" } as const;
  const { y } = await convolve({
    ...transposed,
    x: row([1, 2, 3, 4]),
    w: middle([1, 2, 3]),
    cotangent: "ones",
  });
  expect([...y]).toEqual(row([4, 10, 16, 17]));
  const forward = await convolveLinks(square);
  const back = await convolveLinks(transposed);
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < 16; x++) expect(back.weightOf[x * 16 + y]).toBe(forward.weightOf[y * 16 + x]);
});

test("the links are the matrix: in symbols w2 w3 0 0; w1 w2 w3 0; … along the middle row of the kernel", async () => {
  const { weightOf, height, width } = await convolveLinks(square);
  expect([height, width]).toEqual([4, 4]);
  const block = Array.from({ length: 4 }, (_, y) =>
    Array.from({ length: 4 }, (_, x) => weightOf[(4 + y) * 16 + 4 + x]! - 3),
  );
  expect(block).toEqual([
    [2, 3, -3, -3],
    [1, 2, 3, -3],
    [-3, 1, 2, 3],
    [-3, -3, 1, 2],
  ]);
});

test.each<Partial<ConvolveGeometry>>([
  { stride: 2, padding: 0, height: 6, width: 7 },
  { dilation: 2, padding: 2, height: 5, width: 6 },
  { operation: "transposed", stride: 3, outputPadding: 2, padding: 1 },
  { operation: "transposed", stride: 2, dilation: 2, kernel: 2, padding: 0, outputPadding: 1 },
])("the matrix of the links times x is y, its transpose times dy is dx: %j", async (change) => {
  const geometry = { ...square, ...change };
  const x = Array.from({ length: geometry.height * geometry.width }, (_, i) => ((i * 5) % 9) - 4);
  const w = Array.from({ length: geometry.kernel ** 2 }, (_, j) => j - 3);
  const { y, dy, dx, dw, height, width } = await convolve({ ...geometry, x, w, cotangent: "noise" });
  const links = await convolveLinks(geometry);
  expect([links.height, links.width]).toEqual([height, width]);
  const [sums, back] = [y.map(() => 0), dx.map(() => 0)];
  const weights = dw.map(() => 0);
  links.weightOf.forEach((name, at) => {
    if (name === 0) return;
    const [to, from] = [Math.floor(at / x.length), at % x.length];
    sums[to]! += w[name - 1]! * x[from]!;
    back[from]! += w[name - 1]! * dy[to]!;
    weights[name - 1]! += x[from]! * dy[to]!;
  });
  expect([...sums]).toEqual([...y]);
  expect([...back]).toEqual([...dx]);
  expect([...weights]).toEqual([...dw]);
});

test("L = ½Σy² has dL/dy = y; an output that is not there is the last one", async () => {
  const request = { ...square, x: row([1, 2, 3, 4]), w: middle([1, 2, 3]) };
  const { y, dy } = await convolve({ ...request, cotangent: "own" });
  expect([...dy]).toEqual([...y]);
  const last = await convolve({ ...request, cotangent: 99 });
  expect(last.dy.indexOf(1)).toBe(15);
});

test("a kernel larger than the padded map is refused with both sizes", async () => {
  await expect(convolveLinks({ ...square, height: 2, width: 2, padding: 0 })).rejects.toThrow(/3.*2|2.*3/);
});
