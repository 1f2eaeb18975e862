// The convolution and product kernels against plain float64 loops, on awkward shapes, in random splittings of their units.
import { describe, expect, test } from "vitest";
import { builds, Machine, type Buffer as KernelBuffer } from "./machine.ts";

interface Geometry {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly oh: number;
  readonly ow: number;
  readonly o: number;
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly dh: number;
  readonly dw: number;
  readonly top: number;
  readonly left: number;
  readonly groups: number;
}
interface Case {
  readonly x: readonly [number, number, number, number];
  readonly o: number;
  readonly k: readonly [number, number];
  readonly s?: readonly [number, number];
  readonly d?: readonly [number, number];
  /** top, left, bottom, right */
  readonly p?: readonly [number, number, number, number];
  readonly g?: number;
}

// mulberry32
function makeRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const random = makeRandom(7);
const normal = (length: number) => Float32Array.from({ length }, () => random() * 2 - 1);
const up = (a: number, b: number) => Math.ceil(a / b);

function geometryOf({
  x: [n, h, w, c],
  o,
  k: [kh, kw],
  s = [1, 1],
  d = [1, 1],
  p = [0, 0, 0, 0],
  g = 1,
}: Case): Geometry {
  const oh = Math.floor((h + p[0] + p[2] - d[0] * (kh - 1) - 1) / s[0]) + 1;
  const ow = Math.floor((w + p[1] + p[3] - d[1] * (kw - 1) - 1) / s[1]) + 1;
  return {
    n,
    h,
    w,
    c,
    oh,
    ow,
    o,
    kh,
    kw,
    sh: s[0],
    sw: s[1],
    dh: d[0],
    dw: d[1],
    top: p[0],
    left: p[1],
    groups: g,
  };
}
const slots = (g: Geometry) => [
  g.n,
  g.h,
  g.w,
  g.c,
  g.oh,
  g.ow,
  g.o,
  g.kh,
  g.kw,
  g.sh,
  g.sw,
  g.dh,
  g.dw,
  g.top,
  g.left,
  g.groups,
];

/** The trilinear form: visits (y, w, x) positions of every product. */
function products(g: Geometry, visit: (y: number, w: number, x: number) => void): void {
  const cg = g.c / g.groups,
    og = g.o / g.groups;
  for (let n = 0; n < g.n; n++)
    for (let oh = 0; oh < g.oh; oh++)
      for (let ow = 0; ow < g.ow; ow++)
        for (let ky = 0; ky < g.kh; ky++)
          for (let kx = 0; kx < g.kw; kx++) {
            const ih = oh * g.sh - g.top + ky * g.dh,
              iw = ow * g.sw - g.left + kx * g.dw;
            if (ih < 0 || iw < 0 || ih >= g.h || iw >= g.w) continue;
            for (let o = 0; o < g.o; o++)
              for (let c = 0; c < cg; c++)
                visit(
                  ((n * g.oh + oh) * g.ow + ow) * g.o + o,
                  ((o * g.kh + ky) * g.kw + kx) * cg + c,
                  ((n * g.h + ih) * g.w + iw) * g.c + Math.floor(o / og) * cg + c,
                );
          }
}

const activations: readonly ((v: number) => number)[] = [
  (v) => v,
  (v) => Math.max(v, 0),
  (v) => Math.min(Math.max(v, 0), 6),
  (v) => (v > 0 ? v : v * 0.1),
  (v) => 1 / (1 + Math.exp(-v)),
  (v) => Math.min(Math.max(v + 3, 0), 6) / 6,
  (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6,
  (v) => v / (1 + Math.exp(-v)),
  (v) => Math.tanh(v),
];

function expectClose(actual: Float32Array, expected: Float64Array, depth: number, what: string): void {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= worst)) worst = error; // NaN is worst
  }
  if (!(worst < 3e-7 * (4 + depth))) expect.fail(`${what}: off by ${worst}`);
}

const dense: readonly Case[] = [
  { x: [1, 1, 1, 1], o: 1, k: [1, 1] },
  { x: [1, 1, 1, 3], o: 5, k: [3, 3], p: [1, 1, 1, 1] },
  { x: [2, 2, 2, 17], o: 9, k: [3, 3], p: [1, 1, 1, 1] },
  { x: [2, 9, 7, 3], o: 32, k: [3, 3], s: [2, 2], p: [1, 1, 1, 1] },
  { x: [1, 8, 8, 1], o: 8, k: [3, 3], p: [0, 0, 1, 1], s: [2, 2] },
  { x: [2, 11, 6, 5], o: 17, k: [3, 3], s: [1, 2], p: [1, 0, 2, 3] },
  { x: [1, 13, 12, 16], o: 24, k: [3, 3], d: [2, 2], p: [2, 2, 2, 2] },
  { x: [1, 14, 15, 4], o: 6, k: [5, 3], d: [2, 3], s: [3, 2], p: [4, 1, 0, 2] },
  { x: [2, 10, 10, 12], o: 8, k: [3, 3], p: [1, 1, 1, 1], g: 4 },
  { x: [2, 7, 7, 10], o: 20, k: [3, 3], s: [2, 2], p: [1, 1, 1, 1], g: 5 },
  { x: [1, 9, 9, 6], o: 12, k: [3, 3], p: [1, 1, 1, 1], g: 6 },
  { x: [3, 6, 6, 24], o: 40, k: [1, 1], s: [2, 2] },
  { x: [2, 5, 7, 19], o: 21, k: [1, 1] },
  { x: [1, 6, 8, 3], o: 4, k: [2, 2], s: [2, 2] },
  { x: [2, 9, 8, 5], o: 3, k: [2, 4], s: [3, 2], p: [0, 1, 1, 2] },
  { x: [1, 4, 4, 2], o: 2, k: [1, 1], s: [3, 3], p: [1, 1, 1, 1] },
  { x: [1, 5, 5, 4], o: 4, k: [3, 3], d: [2, 2], s: [2, 2], p: [3, 3, 3, 3] },
  { x: [1, 5, 40, 64], o: 16, k: [3, 3], p: [1, 1, 1, 1] },
  { x: [1, 3, 3, 300], o: 8, k: [3, 3], p: [1, 1, 1, 1] },
];

const depthwise: readonly Case[] = [
  [1, 1, 1, 1],
  [2, 2, 2, 5],
  [1, 3, 3, 17],
  [2, 7, 7, 8],
  [1, 9, 10, 3],
  [3, 14, 5, 16],
  [1, 12, 15, 33],
]
  .flatMap((x) =>
    [
      { k: [3, 3], p: [1, 1, 1, 1] },
      { k: [3, 3], p: [1, 1, 1, 1], s: [2, 2] },
      { k: [3, 3], p: [0, 0, 1, 1], s: [2, 2] },
      { k: [5, 5], p: [2, 2, 2, 2] },
      { k: [5, 5], p: [2, 2, 2, 2], s: [2, 2] },
      { k: [5, 5], p: [1, 1, 2, 2], s: [2, 2] },
      { k: [3, 3], p: [2, 2, 2, 2], d: [2, 2] },
      { k: [3, 3], p: [2, 2, 2, 2] },
      { k: [3, 5], p: [1, 2, 1, 2], s: [2, 1] },
      { k: [7, 7], p: [3, 3, 3, 3], s: [1, 2] },
      { k: [2, 4], p: [3, 1, 0, 3], s: [3, 3], d: [1, 2] },
      { k: [1, 1], p: [0, 0, 0, 0], s: [2, 2] },
      { k: [3, 3], p: [1, 1, 1, 1], s: [3, 3] },
    ].map((rest) => ({ x, o: x[3]!, g: x[3]!, ...rest }) as unknown as Case),
  )
  .concat([
    { x: [2, 5, 6, 512], o: 512, g: 512, k: [3, 3], p: [1, 1, 1, 1] },
    { x: [1, 6, 5, 512], o: 512, g: 512, k: [5, 5], p: [2, 1, 2, 2], s: [2, 2] },
    { x: [1, 4, 5, 512], o: 512, g: 512, k: [3, 3], p: [2, 2, 2, 2], d: [2, 2] },
  ])
  .filter((c) => {
    const g = geometryOf(c);
    return g.oh > 0 && g.ow > 0;
  });

describe.each(builds)("%s", (_, modules) => {
  const machine = new Machine(modules, random);
  const pick = (...choices: number[]) => choices[Math.floor(random() * choices.length)]!;

  /** Runs `step` twice in different splittings and block sizes that must not change a bit. */
  function twice(step: () => KernelBuffer): Float32Array {
    const first = Float32Array.from(step().floats);
    const again = step().floats;
    const bits = (floats: Float32Array) => Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
    if (!bits(first).equals(bits(again))) expect.fail("another splitting gives other bits");
    expect(machine.broken()).toBe(0);
    return first;
  }

  test.each(dense.map((c) => [JSON.stringify(c), c] as const))("dense %s", (_name, c) => {
    machine.reset();
    const g = geometryOf(c),
      cg = g.c / g.groups,
      og = g.o / g.groups,
      depth = g.kh * g.kw * cg;
    const pixels = g.n * g.oh * g.ow;
    const x = machine.buffer(normal(g.n * g.h * g.w * g.c)),
      w = machine.buffer(normal(g.o * depth));
    const dy = machine.buffer(normal(pixels * g.o)),
      bias = machine.buffer(normal(g.o)),
      residual = machine.buffer(normal(pixels * g.o));

    const panels = machine.buffer(g.groups * up(og, 8) * depth * 8);
    machine.run("packPanels", g.groups * up(og, 8), [
      w.at,
      panels.at,
      g.groups,
      og,
      depth,
      og * depth,
      depth,
      1,
    ]);
    const sums = new Float64Array(dy.floats.length);
    products(g, (y, wAt, xAt) => {
      sums[y]! += x.floats[xAt]! * w.floats[wAt]!;
    });
    for (const [code, activation] of activations.entries()) {
      const full = code % 2 === 0;
      const expected = sums.map((v, i) => (full ? v + bias.floats[i % g.o]! + residual.floats[i]! : v));
      const y = twice(() => {
        const out = machine.buffer(pixels * g.o),
          block = pick(1, 5, 32),
          panelBlock = pick(1, 2, 9);
        machine.run(
          "convolution",
          up(pixels, block) * up(up(og, 8), panelBlock),
          [
            x.at,
            panels.at,
            out.at,
            full ? bias.at : 0,
            full ? residual.at : 0,
            ...slots(g),
            code,
            { f32: 0.1 },
            block,
            panelBlock,
          ],
          block * depth * 4 + 64,
        );
        return out;
      });
      expectClose(y, expected.map(activation), depth, `forward ${code}`);
    }

    const phases = machine.buffer(g.groups * up(cg, 8) * g.kh * g.kw * og * 8);
    machine.run("packPhases", g.groups * up(cg, 8), [
      w.at,
      phases.at,
      g.o,
      cg,
      g.kh,
      g.kw,
      g.sh,
      g.sw,
      g.dh,
      g.dw,
      g.top,
      g.left,
      g.groups,
    ]);
    for (const accumulate of [0, 1]) {
      const expected = Float64Array.from(x.floats, (v) => accumulate * v);
      products(g, (y, wAt, xAt) => {
        expected[xAt]! += dy.floats[y]! * w.floats[wAt]!;
      });
      const dx = twice(() => {
        const block = pick(1, 5, 32),
          panelBlock = pick(1, 2, 9);
        let units = 0;
        for (let ph = 0; ph < g.sh; ph++)
          for (let pw = 0; pw < g.sw; pw++)
            units += up(g.n * up(g.h - ph, g.sh) * up(g.w - pw, g.sw), block) * up(up(cg, 8), panelBlock);
        const out = accumulate
          ? machine.buffer(Float32Array.from(x.floats))
          : machine.buffer(x.floats.length);
        machine.run(
          "convolutionInputGradient",
          units,
          [dy.at, phases.at, out.at, ...slots(g), accumulate, block, panelBlock],
          block * (g.kh * g.kw * og + cg) * 4 + 128,
        );
        return out;
      });
      expectClose(dx, expected, g.kh * g.kw * og, `input gradient ${accumulate}`);
    }

    const expected = new Float64Array(w.floats.length);
    products(g, (y, wAt, xAt) => {
      expected[wAt]! += dy.floats[y]! * x.floats[xAt]!;
    });
    for (const groupPixels of [pixels, 7, 64]) {
      const outBlock0 = pick(4, 12, 48);
      const dw = twice(() => {
        const outBlock = outBlock0,
          block = 16,
          parts = up(pixels, groupPixels);
        const partials = machine.buffer(parts * w.floats.length),
          out = machine.buffer(w.floats.length);
        const run = g.kw * cg,
          t = Math.max(run, Math.min(768, depth)) + 8;
        machine.run(
          "convolutionWeightGradient",
          parts * up(og, outBlock),
          [x.at, dy.at, partials.at, ...slots(g), groupPixels, outBlock, block],
          t * (4 * block + 20) + (outBlock + 8) * (4 * block + 16) + 256,
        );
        machine.run("weightGradientSum", up(w.floats.length, 4096), [
          partials.at,
          out.at,
          parts,
          w.floats.length,
          0,
        ]);
        return out;
      });
      expectClose(dw, expected, pixels, `weight gradient ${groupPixels}`);
    }
  });

  test.each(depthwise.map((c) => [JSON.stringify(c), c] as const))("depthwise %s", (_name, c) => {
    machine.reset();
    const g = geometryOf(c),
      taps = g.kh * g.kw;
    // The copy of rows whose pixels conflict in the cache.
    const scratch = (rows: number, sh: number, width: number) =>
      ((rows - 1) * sh + (g.kh - 1) * g.dh + 1) * width * (g.c + 16) * 4 + 64;
    const x = machine.buffer(normal(g.n * g.h * g.w * g.c)),
      w = machine.buffer(normal(g.c * taps));
    const dy = machine.buffer(normal(g.n * g.oh * g.ow * g.c)),
      bias = machine.buffer(normal(g.c));
    const packed = machine.buffer(up(g.c, 4) * taps * 4),
      flipped = machine.buffer(up(g.c, 4) * taps * 4);
    machine.run("packDepthwise", up(g.c, 4), [w.at, packed.at, g.c, taps, 0]);
    machine.run("packDepthwise", up(g.c, 4), [w.at, flipped.at, g.c, taps, 1]);

    const plain = new Float64Array(dy.floats.length);
    products(g, (y, wAt, xAt) => {
      plain[y]! += x.floats[xAt]! * w.floats[wAt]!;
    });
    for (const [code, activation] of activations.entries()) {
      const expected = plain.map((v, i) => (code % 2 ? v + bias.floats[i % g.c]! : v));
      const y = twice(() => {
        const out = machine.buffer(dy.floats.length),
          block = pick(1, 2, 5);
        machine.run(
          "depthwise",
          up(g.n * g.oh, block),
          [x.at, packed.at, out.at, code % 2 ? bias.at : 0, ...slots(g), code, { f32: 0.1 }, block],
          scratch(block, g.sh, g.w),
        );
        return out;
      });
      expectClose(y, expected.map(activation), taps, `forward ${code}`);
    }

    const expected = new Float64Array(x.floats.length);
    products(g, (y, wAt, xAt) => {
      expected[xAt]! += dy.floats[y]! * w.floats[wAt]!;
    });
    const dx = twice(() => {
      const out = machine.buffer(x.floats.length),
        block = pick(1, 2, 5);
      machine.run("depthwiseInputGradient", up(g.n * g.h, block), [
        dy.at,
        packed.at,
        out.at,
        ...slots(g),
        block,
      ]);
      return out;
    });
    expectClose(dx, expected, taps, "input gradient");
    if (g.sh === 1 && g.sw === 1) {
      const back = {
        ...g,
        h: g.oh,
        w: g.ow,
        oh: g.h,
        ow: g.w,
        top: g.dh * (g.kh - 1) - g.top,
        left: g.dw * (g.kw - 1) - g.left,
      };
      const out = machine.buffer(x.floats.length);
      machine.run(
        "depthwise",
        up(g.n * g.h, 2),
        [dy.at, flipped.at, out.at, 0, ...slots(back), 0, { f32: 0 }, 2],
        scratch(2, 1, g.ow),
      );
      expectClose(out.floats, expected, taps, "input gradient as forward");
    }

    const sums = new Float64Array(w.floats.length);
    products(g, (y, wAt, xAt) => {
      sums[wAt]! += dy.floats[y]! * x.floats[xAt]!;
    });
    const dw = twice(() => {
      const groupRows = 5,
        parts = up(g.n * g.oh, groupRows);
      const partials = machine.buffer(parts * packed.floats.length),
        out = machine.buffer(w.floats.length);
      machine.run(
        "depthwiseWeightGradient",
        parts,
        [x.at, dy.at, partials.at, ...slots(g), groupRows],
        scratch(4, g.sh, g.w),
      );
      machine.run("depthwiseWeightSum", up(g.c, 4), [partials.at, out.at, parts, g.c, taps, 0]);
      return out;
    });
    expectClose(dw, sums, g.n * g.oh * g.ow, "weight gradient");
  });

  test.each([
    [1, 1, 1],
    [1, 17, 1],
    [3, 5, 7],
    [7, 33, 17],
    [13, 8, 24],
    [50, 64, 10],
    [49, 3, 96],
    [2, 200, 3],
  ])("gemm %i x %i x %i", (p, k, m) => {
    machine.reset();
    const xStride = k + 3,
      yStride = m + 2;
    const x = machine.buffer(normal(p * xStride)),
      w = machine.buffer(normal(m * k)),
      wT = machine.buffer(m * k);
    const panels = machine.buffer(up(m, 8) * k * 8),
      same = machine.buffer(up(m, 8) * k * 8),
      bias = machine.buffer(normal(m));
    const residual = machine.buffer(normal(p * m));
    machine.run("copyMatrix", m, [w.at, wT.at, m, k, k, 1, 1, m]);
    machine.run("packPanels", up(m, 8), [w.at, panels.at, 1, m, k, 0, k, 1]);
    machine.run("packPanels", up(m, 8), [wT.at, same.at, 1, m, k, 0, 1, m]);
    expect(same.floats).toEqual(panels.floats);
    for (const [code, activation] of activations.entries()) {
      const accumulate = code & 1,
        start = normal(p * yStride);
      const expected = Float64Array.from(start, (v, i) => {
        const row = Math.floor(i / yStride),
          column = i % yStride;
        if (column >= m) return v;
        let sum = bias.floats[column]! + accumulate * v + residual.floats[row * m + column]!;
        for (let j = 0; j < k; j++) sum += x.floats[row * xStride + j]! * w.floats[column * k + j]!;
        return activation(sum);
      });
      const y = twice(() => {
        const out = machine.buffer(start),
          rowBlock = pick(1, 4, 7, 64),
          panelBlock = pick(1, 2, 9);
        machine.run("gemm", up(p, rowBlock) * up(up(m, 8), panelBlock), [
          x.at,
          panels.at,
          out.at,
          bias.at,
          residual.at,
          p,
          k,
          m,
          xStride,
          yStride,
          m,
          accumulate,
          code,
          { f32: 0.1 },
          rowBlock,
          panelBlock,
        ]);
        return out;
      });
      expectClose(y, expected, k, `activation ${code}`);
    }
  });

  test("NaN and infinity pass through", () => {
    machine.reset();
    const x = machine.buffer(Float32Array.from([NaN, 1, Infinity, 1])),
      w = machine.buffer(Float32Array.from([1, 1]));
    const panels = machine.buffer(16),
      y = machine.buffer(2);
    machine.run("packPanels", 1, [w.at, panels.at, 1, 1, 2, 0, 2, 1]);
    machine.run("gemm", 1, [x.at, panels.at, y.at, 0, 0, 2, 2, 1, 2, 1, 0, 0, 1, 0, 8, 8]);
    expect([...y.floats]).toEqual([NaN, Infinity]);
  });
});
