// Pooling and resizing of NHWC maps against plain loops.
import { describe, expect, it } from "vitest";
import { Bench, expectClose, i, random, type Argument } from "./harness.ts";

const bench = new Bench();

interface Geometry {
  readonly x: readonly [n: number, h: number, w: number, c: number];
  readonly k: readonly [number, number];
  readonly s: readonly [number, number];
  readonly d: readonly [number, number];
  readonly p: readonly [top: number, left: number, bottom: number, right: number];
  readonly ceil: boolean;
}
const geometries: Geometry[] = [];
for (const x of [
  [1, 1, 1, 1],
  [2, 5, 7, 3],
  [1, 8, 8, 17],
  [1, 6, 5, 64],
  [3, 2, 9, 5],
  [1, 13, 12, 1],
  [1, 7, 7, 33],
] as const)
  for (const k of [
    [1, 1],
    [2, 2],
    [3, 3],
    [3, 1],
    [2, 5],
  ] as const)
    for (const s of [
      [1, 1],
      [2, 2],
      [3, 2],
    ] as const)
      for (const d of [
        [1, 1],
        [2, 1],
      ] as const)
        for (const p of [
          [0, 0, 0, 0],
          [1, 0, 0, 1],
          [1, 1, 1, 1],
        ] as const)
          for (const ceil of [false, true])
            if (p[0] === 0 || (k[0] > 1 && k[1] > 1)) geometries.push({ x, k, s, d, p, ceil });

function output({ x, k, s, d, p, ceil }: Geometry, axis: 0 | 1): number {
  const size = x[axis + 1]!;
  const steps = (size + p[axis]! + p[axis + 2]! - d[axis] * (k[axis] - 1) - 1) / s[axis];
  if (!ceil) return Math.floor(steps) + 1;
  const length = Math.ceil(steps) + 1;
  return (length - 1) * s[axis] >= size + p[axis]! ? length - 1 : length;
}

const slots = ({ x, k, s, d, p }: Geometry, height: number, width: number): Argument[] =>
  [x[1], x[2], x[3], height, width, ...k, ...s, ...d, ...p].map(i);

/** Calls back with the taps inside the map of every output: positions in x, in row-major order. */
function forEachWindow(
  g: Geometry,
  height: number,
  width: number,
  visit: (y: number, taps: number[], p: number, q: number) => void,
): void {
  const [n, h, w, c] = g.x;
  for (let image = 0; image < n; image++)
    for (let p = 0; p < height; p++)
      for (let q = 0; q < width; q++)
        for (let channel = 0; channel < c; channel++) {
          const taps: number[] = [];
          for (let ky = 0; ky < g.k[0]; ky++)
            for (let kx = 0; kx < g.k[1]; kx++) {
              const row = p * g.s[0] - g.p[0] + ky * g.d[0];
              const column = q * g.s[1] - g.p[1] + kx * g.d[1];
              if (row >= 0 && row < h && column >= 0 && column < w)
                taps.push(((image * h + row) * w + column) * c + channel);
            }
          visit(((image * height + p) * width + q) * c + channel, taps, p, q);
        }
}

describe("pooling", () => {
  it("maximum, its gradient, and reading at the maxima", () => {
    for (const geometry of geometries) {
      const [height, width] = [output(geometry, 0), output(geometry, 1)];
      if (height < 1 || width < 1) continue;
      bench.reset();
      const [n, h, w, c] = geometry.x;
      const count = n * h * w * c;
      // Few distinct numbers make ties; NaN and -Infinity pass too.
      const x = bench.buffer(
        count,
        random(count, count).map((v, k) =>
          k % 19 === 5 ? Number.NaN : k % 3 === 0 ? -Infinity : Math.round(v),
        ),
      );
      const v = bench.buffer(count, random(count, 3));
      const outCount = n * height * width * c;
      const dy = bench.buffer(outCount, random(outCount, 2));
      const [y, selected, dx] = [bench.buffer(outCount), bench.buffer(outCount), bench.buffer(count)];
      const g = slots(geometry, height, width);
      bench.run([["maxPool", n * height, [x, y, ...g]]]);
      bench.run([["maxPoolGradient", n, [x, dy, dx, ...g]]]);
      bench.run([["maxPoolSelect", n, [x, v, selected, ...g]]]);
      const wantY = new Float64Array(outCount);
      const wantSelected = new Float64Array(outCount);
      const wantDx = new Float64Array(count);
      forEachWindow(geometry, height, width, (at, taps) => {
        let best = -1;
        for (const tap of taps)
          if (
            best < 0 ||
            x.data[tap]! > x.data[best]! ||
            (Number.isNaN(x.data[tap]!) && !Number.isNaN(x.data[best]!))
          )
            best = tap;
        wantY[at] = best < 0 ? -Infinity : x.data[best]!;
        wantSelected[at] = best < 0 ? 0 : v.data[best]!;
        if (best >= 0) wantDx[best]! += dy.data[at]!;
      });
      const what = JSON.stringify(geometry);
      expectClose(y.data, wantY, 0, `maxPool ${what}`);
      expectClose(selected.data, wantSelected, 0, `maxPoolSelect ${what}`);
      expectClose(dx.data, wantDx, 1e-6, `maxPoolGradient ${what}`);
    }
  });

  it("average and its gradient", () => {
    for (const geometry of geometries)
      for (const countPadding of [0, 1]) {
        const [height, width] = [output(geometry, 0), output(geometry, 1)];
        if (height < 1 || width < 1 || geometry.d[0] !== 1) continue;
        bench.reset();
        const [n, h, w, c] = geometry.x;
        const count = n * h * w * c;
        const x = bench.buffer(count, random(count, 1));
        const outCount = n * height * width * c;
        const dy = bench.buffer(outCount, random(outCount, 2));
        const [y, dx] = [bench.buffer(outCount), bench.buffer(count)];
        const g = [...slots(geometry, height, width), i(countPadding)];
        bench.run([["avgPool", n * height, [x, y, ...g]]]);
        bench.run([["avgPoolGradient", n * h, [dy, dx, ...g]]]);
        const wantY = new Float64Array(outCount);
        const wantDx = new Float64Array(count);
        const { k, s, p } = geometry;
        forEachWindow(geometry, height, width, (at, taps, row, column) => {
          const extent = (o: number, axis: 0 | 1, size: number): number => {
            const first = o * s[axis] - p[axis]!;
            return Math.min(first + k[axis], size + p[axis + 2]!) - first;
          };
          const divisor = countPadding ? extent(row, 0, h) * extent(column, 1, w) : taps.length;
          for (const tap of taps) {
            wantY[at]! += x.data[tap]! / divisor;
            wantDx[tap]! += dy.data[at]! / divisor;
          }
        });
        expectClose(y.data, wantY, 1e-6, "avgPool");
        expectClose(dx.data, wantDx, 1e-6, "avgPoolGradient");
      }
  });

  it("has geometries", () => expect(geometries.length).toBeGreaterThan(300));
});

describe("resize", () => {
  it("nearest and bilinear under every coordinate rule, and the transpose", () => {
    const bits = (value: number): Argument[] => {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value, true);
      return [i(view.getInt32(0, true)), i(view.getInt32(4, true))];
    };
    /** Source pixel and weight of the next one. */
    const source = (
      p: number,
      size: number,
      out: number,
      mode: number,
      rule: number,
      factor: number,
    ): [number, number] => {
      const shift = rule === 1 ? 0.5 : 0;
      let u = factor === 0 ? ((p + shift) * size) / out : (p + shift) / factor;
      if (rule === 2) u = out > 1 ? (p * (size - 1)) / (out - 1) : 0;
      if (size === out) u = p + shift;
      if (mode === 0) return [Math.min(Math.floor(factor === 0 ? u : Math.fround(u)), size - 1), 0];
      const clamped = Math.min(Math.max(u - shift, 0), size - 1);
      return [Math.floor(clamped), clamped - Math.floor(clamped)];
    };
    for (const [n, h, w, c, outH, outW] of [
      [1, 1, 1, 1, 3, 2],
      [2, 3, 7, 5, 7, 5],
      [1, 4, 4, 17, 8, 8],
      [1, 9, 5, 8, 4, 9],
      [3, 5, 5, 3, 5, 5],
    ] as const)
      for (const mode of [0, 1])
        for (const rule of mode === 0 ? [0, 1] : [0, 1, 2])
          for (const factor of [0, 1.7]) {
            bench.reset();
            const [count, outCount] = [n * h * w * c, n * outH * outW * c];
            const x = bench.buffer(count, random(count, 1));
            const dy = bench.buffer(outCount, random(outCount, 2));
            const [y, dx] = [bench.buffer(outCount), bench.buffer(count)];
            const rules = [...[h, w, c, outH, outW, mode, rule].map(i), ...bits(factor), ...bits(factor)];
            bench.run([["resize", n * outH, [x, y, ...rules]]]);
            bench.run([["resizeGradient", n, [dx, dy, ...rules]]]);
            const [wantY, wantDx] = [new Float64Array(outCount), new Float64Array(count)];
            for (let at = 0; at < outCount; at++) {
              const [channel, q] = [at % c, Math.floor(at / c) % outW];
              const p = Math.floor(at / c / outW) % outH;
              const image = Math.floor(at / c / outW / outH);
              const [top, a] = source(p, h, outH, mode, rule, factor);
              const [left, b] = source(q, w, outW, mode, rule, factor);
              for (const [row, rowWeight] of [
                [top, 1 - a],
                [Math.min(top + 1, h - 1), a],
              ] as const)
                for (const [column, weight] of [
                  [left, 1 - b],
                  [Math.min(left + 1, w - 1), b],
                ] as const) {
                  const from = ((image * h + row) * w + column) * c + channel;
                  wantY[at]! += rowWeight * weight * x.data[from]!;
                  wantDx[from]! += rowWeight * weight * dy.data[at]!;
                }
            }
            expectClose(y.data, wantY, 1e-6, "resize");
            expectClose(dx.data, wantDx, 2e-6, "resizeGradient");
          }
  });
});
