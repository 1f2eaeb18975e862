// Reductions, batch norm, softmax and layout against plain float64, on awkward shapes.
import { describe, expect, it } from "vitest";
import { Bench, expectClose, f, i, none, random, type Buffer } from "./harness.ts";

const bench = new Bench();
const ceil = (a: number, b: number): number => Math.ceil(a / b);
const padded = (channels: number): number => (channels + 3) & ~3;
const shapes: readonly (readonly [rows: number, channels: number])[] = [
  [1, 1],
  [1, 3],
  [2, 5],
  [3, 17],
  [7, 4],
  [49, 24],
  [65, 8],
  [100, 1],
  [130, 33],
  [257, 3],
  [1000, 16],
  [5000, 1],
  [12, 960],
];
const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const columns = (
  data: ArrayLike<number>,
  rows: number,
  channels: number,
  of: (values: number[], c: number) => number,
): number[] =>
  Array.from({ length: channels }, (_, c) =>
    of(
      Array.from({ length: rows }, (_, r) => data[r * channels + c]!),
      c,
    ),
  );

describe("reductions", () => {
  it("sums over rows, and of products, in groups", () => {
    for (const [rows, channels] of shapes)
      for (const [groups, rowsPerPart] of [
        [1, 64],
        [3, 20],
        [2, 100000],
      ] as const) {
        bench.reset();
        const count = groups * rows * channels;
        const a = bench.buffer(count, random(count, 1));
        const b = bench.buffer(count, random(count, 2));
        const parts = ceil(rows, rowsPerPart);
        const partials = bench.buffer(2 * groups * parts * padded(channels));
        const y = bench.buffer(groups * channels);
        for (const product of [false, true]) {
          bench.run([
            [
              product ? "mulSumRowsPart" : "sumRowsPart",
              groups * parts,
              [a, b, partials, i(rows), i(channels), i(rowsPerPart)],
            ],
            ["sumRowsFinish", groups * ceil(channels, 64), [partials, y, i(parts), i(channels), f(0.5)]],
          ]);
          const terms = a.data.map((v, k) => (product ? v * b.data[k]! : v));
          const expected = Array.from({ length: groups }, (_, g) =>
            columns(terms.subarray(g * rows * channels), rows, channels, (values) => sum(values) / 2),
          ).flat();
          expectClose(y.data, expected, 3e-6, `sum ${rows}x${channels} in ${groups}`);
        }
        const single = bench.buffer(groups * rows);
        bench.run([["sumChannels", groups * rows, [a, single, i(channels), f(2)]]]);
        expectClose(
          single.data,
          Array.from(single.data, (_, r) => 2 * sum(a.data.subarray(r * channels, (r + 1) * channels))),
          1e-5,
          "sumChannels",
        );
      }
  });

  it("a long sum of equal numbers keeps its digits", () => {
    bench.reset();
    const count = 3_000_001;
    const x = bench.buffer(count, new Float32Array(count).fill(0.1));
    const partials = bench.buffer(2 * ceil(count, 100000) * 4);
    const y = bench.buffer(1);
    bench.run([
      ["sumRowsPart", ceil(count, 100000), [x, none, partials, i(count), i(1), i(100000)]],
      ["sumRowsFinish", 1, [partials, y, i(ceil(count, 100000)), i(1), f(1 / count)]],
    ]);
    expect(Math.abs(y.data[0]! / 0.1 - 1)).toBeLessThan(1e-6);
  });

  it("sums over any axes", () => {
    for (const [kept, keptStrides, reduced, reducedStrides] of [
      [
        [1, 1, 1, 1, 2, 5],
        [0, 0, 0, 0, 60, 1],
        [1, 1, 1, 1, 3, 4],
        [0, 0, 0, 0, 20, 5],
      ],
      [
        [1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0],
        [1, 2, 3, 4, 5, 1],
        [0, 60, 20, 5, 1, 0],
      ],
      [
        [1, 1, 1, 1, 3, 4],
        [0, 0, 0, 0, 20, 5],
        [1, 1, 1, 1, 2, 5],
        [0, 0, 0, 0, 60, 1],
      ],
    ] as const) {
      bench.reset();
      const x = bench.buffer(120, random(120, 9));
      const size = kept.reduce((p: number, n) => p * n, 1);
      const y = bench.buffer(size);
      const offsets = (sizes: readonly number[], strides: readonly number[]): number[] =>
        sizes.reduce<number[]>(
          (all, n, axis) => all.flatMap((o) => Array.from({ length: n }, (_, k) => o + k * strides[axis]!)),
          [0],
        );
      const lists = [kept, keptStrides, reduced, reducedStrides].flat().map(i);
      bench.run([["sumStrided", size, [x, y, f(0.5), ...lists]]]);
      const expected = offsets(kept, keptStrides).map(
        (o) => 0.5 * sum(offsets(reduced, reducedStrides).map((p) => x.data[o + p]!)),
      );
      expectClose(y.data, expected, 3e-7, "sumStrided");
    }
  });
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const activations: readonly [(x: number) => number, (x: number) => number][] = [
  [(x) => x, () => 1],
  [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
  [(x) => Math.min(Math.max(x, 0), 6), (x) => (x > 0 && x < 6 ? 1 : 0)],
  [(x) => (x > 0 ? x : 0.25 * x), (x) => (x > 0 ? 1 : 0.25)],
  [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
  [(x) => Math.min(Math.max(x + 3, 0), 6) / 6, (x) => (x > -3 && x < 3 ? 1 / 6 : 0)],
  [(x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6, (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5)],
  [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x)))],
  [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
];

describe("batch norm", () => {
  const epsilon = 1e-3;
  const statistics = (
    x: Buffer,
    rows: number,
    channels: number,
    rowsPerGroup: number,
    finish = true,
  ): [Buffer, Buffer] => {
    const groups = ceil(rows, rowsPerGroup);
    const partials = bench.buffer(4 * groups * padded(channels));
    const [mean, variance] = [bench.buffer(channels), bench.buffer(channels)];
    bench.run([
      ["batchNormMoments", groups, [x, partials, i(rows), i(channels), i(rowsPerGroup)]],
      ...(finish
        ? ([
            [
              "batchNormMomentsFinish",
              ceil(channels, 64),
              [partials, mean, variance, i(rows), i(channels), i(rowsPerGroup)],
            ],
          ] as const)
        : []),
    ]);
    return [mean, variance];
  };

  it("statistics, also where the mean is 10,000 deviations away", () => {
    for (const [rows, channels] of shapes)
      for (const shift of [0, -3, 10000])
        for (const rowsPerGroup of [4, 64, 100, 1000]) {
          bench.reset();
          const x = bench.buffer(
            rows * channels,
            random(rows * channels, rows).map((v) => v + shift),
          );
          const [mean, variance] = statistics(x, rows, channels, rowsPerGroup);
          const means = columns(x.data, rows, channels, (values) => sum(values) / rows);
          expectClose(mean.data, means, 1e-6, "mean");
          const variances = columns(
            x.data,
            rows,
            channels,
            (values, c) => sum(values.map((v) => (v - means[c]!) ** 2)) / rows,
          );
          expectClose(variance.data, variances, 2e-6, `variance ${rows}x${channels} shift ${shift}`);
        }
  });

  it("a constant channel has variance 0", () => {
    bench.reset();
    const x = bench.buffer(3 * 500, new Float32Array(1500).fill(0.1));
    const [mean, variance] = statistics(x, 500, 3, 64);
    expect(Array.from(mean.data)).toEqual([0.1, 0.1, 0.1].map(Math.fround));
    expect(Array.from(variance.data)).toEqual([0, 0, 0]);
  });

  activations.forEach(([value, derivative], code) => {
    it(`forward and backward, activation ${code}`, () => {
      for (const [rows, channels] of shapes) {
        bench.reset();
        const count = rows * channels;
        const x = bench.buffer(
          count,
          random(count, 1).map((v) => 2 * v + 1),
        );
        const dy = bench.buffer(count, random(count, 2));
        const scale = bench.buffer(
          channels,
          random(channels, 3).map((v) => v + 1.5),
        );
        const offset = bench.buffer(channels, random(channels, 4));
        const [mean, variance] = statistics(x, rows, channels, 64);
        const y = bench.buffer(count);
        const rowsPerUnit = 6;
        const tail = [i(rows), i(channels), i(rowsPerUnit), i(code), f(0.25), f(epsilon)];
        const units = ceil(rows, rowsPerUnit);
        bench.run([["batchNormApply", units, [x, y, mean, variance, scale, offset, ...tail]]]);
        const inverse = Float64Array.from(variance.data, (v) => 1 / Math.sqrt(v + epsilon));
        const normal = Float64Array.from(
          x.data,
          (v, k) => (v - mean.data[k % channels]!) * inverse[k % channels]!,
        );
        const pre = normal.map((v, k) => v * scale.data[k % channels]! + offset.data[k % channels]!);
        expectClose(y.data, pre.map(value), 3e-6, `apply ${rows}x${channels}`);

        const groups = ceil(rows, 20);
        const partials = bench.buffer(4 * groups * padded(channels));
        const [dscale, doffset, dx] = [bench.buffer(channels), bench.buffer(channels), bench.buffer(count)];
        bench.run([
          [
            "batchNormGradientSums",
            groups,
            [
              x,
              dy,
              mean,
              variance,
              scale,
              offset,
              partials,
              i(rows),
              i(channels),
              i(20),
              i(code),
              f(0.25),
              f(epsilon),
            ],
          ],
          [
            "batchNormGradientFinish",
            ceil(channels, 64),
            [partials, variance, dscale, doffset, i(groups), i(channels), f(epsilon)],
          ],
          ["batchNormGradient", units, [x, dy, mean, variance, scale, offset, dscale, doffset, dx, ...tail]],
        ]);
        const g = pre.map((v, k) => dy.data[k]! * derivative(v));
        const wantScale = columns(
          g.map((v, k) => v * normal[k]!),
          rows,
          channels,
          sum,
        );
        const wantOffset = columns(g, rows, channels, sum);
        expectClose(dscale.data, wantScale, 1e-5, "dscale");
        expectClose(doffset.data, wantOffset, 1e-5, "doffset");
        const want = g.map((v, k) => {
          const c = k % channels;
          return (
            scale.data[c]! * inverse[c]! * (v - wantOffset[c]! / rows - (normal[k]! * wantScale[c]!) / rows)
          );
        });
        expectClose(dx.data, want, 2e-5, `dx ${rows}x${channels}`);
        bench.run([
          ["batchNormGradient", units, [x, dy, mean, variance, scale, offset, none, none, dx, ...tail]],
        ]);
        expectClose(
          dx.data,
          g.map((v, k) => v * scale.data[k % channels]! * inverse[k % channels]!),
          2e-5,
          "dx of fixed statistics",
        );
      }
    });
  });

  it("moving average", () => {
    bench.reset();
    const running = bench.buffer(5, [0, 1, 2, 3, 4]);
    const statistic = bench.buffer(5, [5, 4, 3, 2, 1]);
    const next = bench.buffer(5);
    bench.run([["movingAverage", 1, [running, statistic, next, i(5), f(0.1), f(1.25)]]]);
    expectClose(
      next.data,
      Array.from(running.data, (r, k) => 0.9 * r + 0.1 * 1.25 * statistic.data[k]!),
      2e-7,
      "average",
    );
  });
});

describe("softmax and cross entropy", () => {
  it("forward and backward", () => {
    for (const [rows, channels] of [...shapes, [4, 1000] as const]) {
      bench.reset();
      const count = rows * channels;
      const x = bench.buffer(
        count,
        random(count, 1).map((v) => v * 10),
      );
      const dy = bench.buffer(count, random(count, 2));
      const targets = bench.buffer(count, random(count, 3).map(Math.abs));
      const lines = (data: ArrayLike<number>): number[][] =>
        Array.from({ length: rows }, (_, r) =>
          Array.from({ length: channels }, (_, c) => data[r * channels + c]!),
        );
      const logs = lines(x.data).map((line) => {
        const most = Math.max(...line);
        const log = most + Math.log(sum(line.map((v) => Math.exp(v - most))));
        return line.map((v) => v - log);
      });
      const y = bench.buffer(count);
      const dx = bench.buffer(count);
      bench.run([["softmax", rows, [x, y, i(channels)]]]);
      expectClose(y.data, logs.flat().map(Math.exp), 5e-7, "softmax");
      bench.run([["softmaxGradient", rows, [y, dy, dx, i(channels)]]]);
      const dys = lines(dy.data);
      const products = logs.map((line, r) => sum(line.map((v, c) => Math.exp(v) * dys[r]![c]!)));
      expectClose(
        dx.data,
        logs.flatMap((line, r) => line.map((v, c) => Math.exp(v) * (dys[r]![c]! - products[r]!))),
        1e-6,
        "softmax gradient",
      );
      bench.run([["logSoftmax", rows, [x, y, i(channels)]]]);
      expectClose(y.data, logs.flat(), 5e-7, "logSoftmax");
      bench.run([["logSoftmaxGradient", rows, [y, dy, dx, i(channels)]]]);
      expectClose(
        dx.data,
        logs.flatMap((line, r) => line.map((v, c) => dys[r]![c]! - Math.exp(v) * sum(dys[r]!))),
        5e-6,
        "logSoftmax gradient",
      );
      for (const smoothing of [0, 0.1]) {
        const partials = bench.buffer(2 * rows);
        const loss = bench.buffer(1);
        const dloss = bench.buffer(1, [1.5]);
        bench.run([
          ["crossEntropyRows", rows, [x, targets, partials, i(channels), f(smoothing)]],
          ["sumPartials", 1, [partials, loss, i(rows), f(1 / rows)]],
          ["crossEntropyGradient", rows, [x, targets, dloss, dx, i(channels), f(smoothing), i(rows)]],
        ]);
        const smooth = lines(targets.data).map((line) =>
          line.map((t) => (1 - smoothing) * t + smoothing / channels),
        );
        const want = -sum(logs.flatMap((line, r) => line.map((v, c) => v * smooth[r]![c]!))) / rows;
        expectClose(loss.data, [want], 2e-6, "loss");
        const gradient = logs.flatMap((line, r) =>
          line.map((v, c) => (1.5 * (Math.exp(v) * sum(smooth[r]!) - smooth[r]![c]!)) / rows),
        );
        expectClose(dx.data, gradient, 2e-6, "dlogits");
      }
    }
  });

  it("survives large logits and hands NaN on", () => {
    bench.reset();
    const x = bench.buffer(12, [1e4, -1e4, 0, 0, Number.NaN, 1, 2, 3, -Infinity, 0, 1, 2]);
    const y = bench.buffer(12);
    bench.run([["softmax", 3, [x, y, i(4)]]]);
    const [a, b, c] = [Math.exp(-2), Math.exp(-1), 1].map((v) => v / (Math.exp(-2) + Math.exp(-1) + 1));
    expectClose(
      y.data,
      [1, 0, 0, 0, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0, a!, b!, c!],
      1e-6,
      "softmax",
    );
  });
});

describe("layout", () => {
  it("transposes", () => {
    for (const [images, rows, cols] of [
      [1, 1, 1],
      [2, 3, 5],
      [1, 17, 49],
      [2, 64, 4],
      [1, 4, 64],
      [3, 33, 31],
      [1, 3, 1000],
      [1, 1, 7],
    ] as const) {
      bench.reset();
      const count = images * rows * cols;
      const x = bench.buffer(count, random(count, 1));
      const y = bench.buffer(count);
      bench.run([["transpose", images * ceil(rows, 32), [x, y, i(images), i(rows), i(cols)]]]);
      const expected = Array.from({ length: count }, (_, k) => {
        const [n, rest] = [Math.floor(k / rows / cols), k % (rows * cols)];
        return x.data[n * rows * cols + (rest % rows) * cols + Math.floor(rest / rows)]!;
      });
      expectClose(y.data, expected, 0, "transpose");
    }
  });

  it("copies boxes between strides: slice, pad, permute, flip, repeat", () => {
    for (const [sizes, stridesX, stridesY] of [
      [
        [1, 1, 1, 1, 1, 9000],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 1],
      ],
      [
        [1, 1, 2, 30, 31, 7],
        [0, 0, 6510, 217, 7, 1],
        [0, 0, 10000, 250, 8, 1],
      ],
      [
        [1, 1, 1, 40, 50, 3],
        [0, 0, 0, 150, 3, 1],
        [0, 0, 0, 1, 40, 2000],
      ],
      [
        [2, 3, 4, 5, 6, 7],
        [2520, 840, 210, 42, 7, 1],
        [1, 2, 6, 24, 120, 720],
      ],
      [
        [1, 1, 1, 1, 10, 5],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 5, 1],
      ],
      [
        [1, 1, 1, 1, 3, 2],
        [0, 0, 0, 0, 2, 1],
        [0, 0, 0, 0, 4, 1],
      ],
    ] as const) {
      bench.reset();
      const extent = (strides: readonly number[]): number =>
        1 + strides.reduce((total, stride, axis) => total + stride * (sizes[axis]! - 1), 0);
      const x = bench.buffer(extent(stridesX), random(extent(stridesX), 1));
      const y = bench.buffer(extent(stridesY));
      y.data.fill(7);
      const total = sizes.reduce((p: number, n) => p * n, 1);
      bench.run([["stridedCopy", ceil(total, 4096), [x, y, ...[sizes, stridesX, stridesY].flat().map(i)]]]);
      const expected = new Float32Array(y.data.length).fill(7);
      for (let at = 0; at < total; at++) {
        let rest = at;
        let [fromX, toY] = [0, 0];
        for (let axis = 5; axis >= 0; axis--) {
          const index = rest % sizes[axis]!;
          rest = (rest - index) / sizes[axis]!;
          fromX += index * stridesX[axis]!;
          toY += index * stridesY[axis]!;
        }
        expected[toY] = x.data[fromX]!;
      }
      expectClose(y.data, expected, 0, `strided copy ${sizes}`);
    }
  });
});
