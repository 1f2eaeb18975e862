// Flat kernels, broadcasting, activations, optimisers and dropout against plain float64.
import { describe, expect, it } from "vitest";
import { Bench, expectClose, f, i, random, type Argument } from "./harness.ts";

const bench = new Bench();
const counts = [1, 2, 3, 4, 5, 7, 8, 17, 100, 4095, 4096, 4097, 9001];
const blocks = (count: number): number => Math.ceil(count / 4096);
const specials = [
  0,
  -0,
  1,
  -1,
  3,
  -3,
  6,
  2.9999998,
  -2.9999998,
  Number.NaN,
  Infinity,
  -Infinity,
  88.7,
  89,
  -87.4,
  -103.9,
  -105,
  1e-20,
  0.6249999,
  0.625,
];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const activations: Record<string, [(x: number) => number, (x: number) => number]> = {
  none: [(x) => x, () => 1],
  relu: [(x) => (x < 0 ? 0 : x), (x) => (x <= 0 ? 0 : 1)],
  relu6: [(x) => (x < 0 ? 0 : x > 6 ? 6 : x), (x) => (x <= 0 || x >= 6 ? 0 : 1)],
  leakyRelu: [(x) => (x > 0 ? x : x * Math.fround(0.1)), (x) => (x > 0 ? 1 : Math.fround(0.1))],
  sigmoid: [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
  hardSigmoid: [(x) => Math.min(Math.max(x + 3, 0), 6) / 6, (x) => (x <= -3 || x >= 3 ? 0 : 1 / 6)],
  hardSwish: [
    (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
  ],
  silu: [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x)))],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
};

describe("activations", () => {
  Object.entries(activations).forEach(([name, [value, derivative]], code) => {
    it(name, () => {
      for (const count of counts) {
        bench.reset();
        const data = random(count, count).map((x) => x * 3);
        if (count >= 100) data.set(specials);
        const x = bench.buffer(count, data);
        const dy = bench.buffer(count, random(count, 7));
        const y = bench.buffer(count);
        const dx = bench.buffer(count);
        bench.run([["activation", blocks(count), [x, y, i(count), i(code), f(0.1)]]]);
        expectClose(y.data, Array.from(x.data, value), 3e-7, `${name} ${count}`);
        bench.run([["activationGradient", blocks(count), [dy, x, dx, i(count), i(code), f(0.1)]]]);
        const finite = (v: number, k: number): number => (Number.isFinite(x.data[k]!) ? v : 0);
        const expected = Array.from(x.data, (v, k) => dy.data[k]! * derivative(v)).map(finite);
        expectClose(dx.data.map(finite), expected, 6e-7, `${name} gradient ${count}`);
      }
    });
  });
});

describe("unary", () => {
  const codes: [string, (x: number) => number][] = [
    ["square", (x) => x * x],
    ["sqrt", Math.sqrt],
    ["reciprocal", (x) => 1 / x],
    ["reciprocalSqrt", (x) => 1 / Math.sqrt(x)],
    ["exp", Math.exp],
    ["log", Math.log],
  ];
  codes.forEach(([name, value], code) => {
    it(name, () => {
      for (const count of counts) {
        bench.reset();
        const data = random(count, count).map((x) => x * 9);
        if (count >= 100) data.set(specials);
        const x = bench.buffer(count, data);
        const y = bench.buffer(count);
        bench.run([["unary", blocks(count), [x, y, i(count), i(code)]]]);
        const expected = Array.from(x.data, (v) => Math.fround(value(v)));
        y.data.forEach((got, k) => {
          const want = expected[k]!;
          const close =
            Object.is(got, want) || Math.abs(got - want) <= Math.max(2.5e-7 * Math.abs(want), 3e-45);
          if (!close && got !== want) expect.fail(`${name}(${x.data[k]}): got ${got}, expected ${want}`);
        });
      }
    });
  });

  it("exp and log within 2.5e-7 relative over their whole range", () => {
    bench.reset();
    const count = 200000;
    const data = Float32Array.from({ length: count }, (_, k) => -87.3 + (176 * k) / count);
    const x = bench.buffer(count, data);
    const y = bench.buffer(count);
    const back = bench.buffer(count);
    bench.run([["unary", blocks(count), [x, y, i(count), i(4)]]]);
    bench.run([["unary", blocks(count), [y, back, i(count), i(5)]]]);
    let worstExp = 0;
    let worstLog = 0;
    for (let k = 0; k < count; k++) {
      if (!Number.isFinite(y.data[k]!)) continue;
      worstExp = Math.max(worstExp, Math.abs(y.data[k]! / Math.exp(data[k]!) - 1));
      worstLog = Math.max(
        worstLog,
        Math.abs(back.data[k]! - Math.log(y.data[k]!)) / Math.max(Math.abs(Math.log(y.data[k]!)), 1e-3),
      );
    }
    expect(worstExp).toBeLessThan(2e-7);
    expect(worstLog).toBeLessThan(2e-7);
  });

  it("fill, affine, powerScalar, nonFinite", () => {
    for (const count of counts) {
      bench.reset();
      const x = bench.buffer(count, random(count, 3));
      const y = bench.buffer(count);
      bench.run([["fill", blocks(count), [y, i(count), f(2.5)]]]);
      expectClose(
        y.data,
        Array.from(x.data, () => 2.5),
        0,
        "fill",
      );
      bench.run([["affine", blocks(count), [x, y, i(count), f(0.3), f(-2)]]]);
      expectClose(
        y.data,
        Array.from(x.data, (v) => Math.fround(0.3) * v - 2),
        2e-7,
        "affine",
      );
      for (const exponent of [2, 3, -1, 0.5, -0.5, 0, 1.75, -2.25, 100]) {
        bench.run([["powerScalar", blocks(count), [x, y, i(count), f(exponent)]]]);
        const expected = Array.from(x.data, (v) => Math.fround(v ** exponent));
        y.data.forEach((got, k) => {
          const want = expected[k]!;
          if (!Object.is(got, want) && !(Math.abs(got - want) <= 1.2e-7 * Math.abs(want) + 1e-45))
            expect.fail(`${x.data[k]} ** ${exponent}: got ${got}, expected ${want}`);
        });
      }
      const flags = bench.buffer(blocks(count));
      for (const bad of [0, Number.NaN, Infinity, -Infinity]) {
        x.data[count - 1] = bad;
        bench.run([["nonFinite", blocks(count), [x, flags, i(count)]]]);
        expect(Array.from(flags.data)).toEqual(
          Array.from(flags.data, (_, k) => (bad !== 0 && k === blocks(count) - 1 ? 1 : 0)),
        );
      }
    }
  });
});

describe("binary", () => {
  const operations: [string, (a: number, b: number) => number][] = [
    ["add", (a, b) => a + b],
    ["sub", (a, b) => a - b],
    ["mul", (a, b) => a * b],
    ["div", (a, b) => a / b],
  ];
  // sizes, strides of a, strides of b (all six axes)
  const cases: [number[], number[], number[]][] = [
    ...counts.map((n): [number[], number[], number[]] => [
      [1, 1, 1, 1, 1, n],
      [0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 1],
    ]),
    [
      [1, 1, 1, 1, 1, 5000],
      [0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0],
    ],
    [
      [1, 1, 1, 1, 1, 5000],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 1],
    ],
    [
      [1, 1, 1, 1, 700, 17],
      [0, 0, 0, 0, 17, 1],
      [0, 0, 0, 0, 0, 1],
    ],
    [
      [1, 1, 1, 3, 900, 5],
      [0, 0, 0, 4500, 5, 1],
      [0, 0, 0, 5, 0, 1],
    ],
    [
      [1, 1, 1, 1, 900, 9],
      [0, 0, 0, 0, 9, 1],
      [0, 0, 0, 0, 1, 0],
    ],
    [
      [1, 1, 1, 1, 90, 1],
      [0, 0, 0, 0, 1, 1],
      [0, 0, 0, 0, 0, 1],
    ],
    [
      [2, 3, 2, 5, 7, 11],
      [1155, 385, 0, 77, 0, 7],
      [0, 385, 0, 77, 11, 1],
    ],
    [
      [2, 3, 4, 5, 6, 13],
      [4680, 1560, 390, 78, 13, 1],
      [0, 0, 13, 0, 0, 1],
    ],
  ];
  operations.forEach(([name, value], code) => {
    it(name, () => {
      for (const [sizes, stridesA, stridesB] of cases) {
        bench.reset();
        const total = sizes.reduce((p, n) => p * n, 1);
        const extent = (strides: number[]): number =>
          1 + strides.reduce((sum, stride, axis) => sum + stride * (sizes[axis]! - 1), 0);
        const a = bench.buffer(extent(stridesA), random(extent(stridesA), 1));
        const b = bench.buffer(extent(stridesB), random(extent(stridesB), 2));
        const y = bench.buffer(total);
        const lists = [sizes, stridesA, stridesB].flat().map(i);
        bench.run([["binary", blocks(total), [a, b, y, i(code), ...lists]]]);
        const expected = Array.from({ length: total }, (_, at) => {
          let rest = at;
          let [atA, atB] = [0, 0];
          for (let axis = 5; axis >= 0; axis--) {
            const index = rest % sizes[axis]!;
            rest = (rest - index) / sizes[axis]!;
            atA += index * stridesA[axis]!;
            atB += index * stridesB[axis]!;
          }
          return Math.fround(value(a.data[atA]!, b.data[atB]!));
        });
        expectClose(y.data, expected, 1.2e-7, `${name} ${sizes}`);
      }
    });
  });
});

describe("in place", () => {
  it("flat kernels write the same numbers over an operand", () => {
    const count = 5003;
    const cases: readonly (readonly [
      kernel: string,
      operands: number,
      over: number,
      args: readonly Argument[],
    ])[] = [
      ["activation", 1, 0, [i(6), f(0)]],
      ["activationGradient", 2, 0, [i(2), f(0)]],
      ["activationGradient", 2, 1, [i(7), f(0)]],
      ["affine", 1, 0, [f(2), f(1)]],
      ["unary", 1, 0, [i(4)]],
      ["sgdVelocity", 3, 0, [f(0.9), f(0.1)]],
      ["adamMean", 2, 0, [f(0.1)]],
      ["adamVariance", 2, 0, [f(0.9), f(0.1)]],
    ];
    for (const [kernel, operands, over, args] of cases) {
      bench.reset();
      const inputs = Array.from({ length: operands }, (_, k) => bench.buffer(count, random(count, k)));
      const result = bench.buffer(count);
      bench.run([[kernel, blocks(count), [...inputs, result, i(count), ...args]]]);
      bench.call(kernel, blocks(count), [...inputs, inputs[over]!, i(count), ...args])();
      expectClose(inputs[over]!.data, result.data, 0, `${kernel} over operand ${over}`);
    }
  });
});

describe("optimisers", () => {
  const rate = 0.05;
  it("sgd, with and without nesterov", () => {
    for (const count of counts)
      for (const nesterov of [0, 1]) {
        bench.reset();
        const [w, g, v] = [1, 2, 3].map((seed) => bench.buffer(count, random(count, seed))) as [
          Argument & { data: Float32Array },
          never,
          never,
        ];
        const lr = bench.buffer(1, [rate]);
        const [w0, g0, v0] = [w, g, v].map((b: { data: Float32Array }) => Float64Array.from(b.data)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const next = bench.buffer(count);
        bench.run([["sgdVelocity", blocks(count), [v, g, w, next, i(count), f(0.9), f(0.01)]]]);
        const velocity = v0.map((x, k) => 0.9 * x + g0[k]! + 0.01 * w0[k]!);
        expectClose(next.data, velocity, 3e-7, "velocity");
        const stepped = bench.buffer(count);
        bench.run([
          ["sgdStep", blocks(count), [w, next, g, lr, stepped, i(count), f(0.9), f(0.01), i(nesterov)]],
        ]);
        const expected = w0.map(
          (x, k) => x - rate * (nesterov ? g0[k]! + 0.01 * x + 0.9 * velocity[k]! : velocity[k]!),
        );
        expectClose(stepped.data, expected, 3e-7, "step");
      }
  });

  it("adamW against PyTorch's formula", () => {
    for (const count of counts)
      for (const t of [1, 2, 10, 1000]) {
        bench.reset();
        const w = bench.buffer(count, random(count, 1));
        const g = bench.buffer(count, random(count, 2));
        const m = bench.buffer(count, random(count, 3));
        const v = bench.buffer(count, random(count, 4).map(Math.abs));
        const [w0, g0, m0, v0] = [w, g, m, v].map((b) => Float64Array.from(b.data)) as Float64Array[];
        const [b1, b2, eps, decay] = [0.9, 0.999, 1e-8, 0.01];
        const lr = bench.buffer(1, [rate]);
        const step = bench.buffer(1, [t]);
        const [m1, v1, w1] = [bench.buffer(count), bench.buffer(count), bench.buffer(count)];
        bench.run([
          ["adamMean", blocks(count), [m, g, m1, i(count), f(1 - b1)]],
          ["adamVariance", blocks(count), [v, g, v1, i(count), f(b2), f(1 - b2)]],
          [
            "adamStep",
            blocks(count),
            [w, m1, v1, lr, step, w1, i(count), f(1 - b1), f(1 - b2), f(eps), f(decay)],
          ],
        ]);
        const expected = w0!.map((x, k) => {
          const mean = b1 * m0![k]! + (1 - b1) * g0![k]!;
          const variance = b2 * v0![k]! + (1 - b2) * g0![k]! ** 2;
          const root = Math.sqrt(variance) / Math.sqrt(1 - b2 ** t) + eps;
          return x * (1 - rate * decay) - ((rate / (1 - b1 ** t)) * mean) / root;
        });
        expectClose(w1.data, expected, 2e-6, `adamW t=${t}`);
      }
  });

  it("lerp", () => {
    for (const count of counts) {
      bench.reset();
      const e = bench.buffer(count, random(count, 1));
      const w = bench.buffer(count, random(count, 2));
      const weight = bench.buffer(1, [0.25]);
      const next = bench.buffer(count);
      const expected = Float64Array.from(e.data, (x, k) => x + (w.data[k]! - x) * 0.25);
      bench.run([["lerp", blocks(count), [e, w, weight, next, i(count)]]]);
      expectClose(next.data, expected, 2e-7, "lerp");
    }
  });
});

describe("dropout", () => {
  const fmix = (x: number): number => {
    let h = x;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  it("keeps what the hash of the logical index says", () => {
    for (const [images, channels, pixels] of [
      [1, 1, 1],
      [2, 3, 5],
      [3, 17, 49],
      [4, 8, 1],
      [1, 1001, 1],
      [2, 64, 100],
    ] as const)
      for (const [rate, seed, counter] of [
        [0.5, 1, 0],
        [0.2, -77, 3],
        [0.7, 123456789, 40000],
        [0, 1, 1],
      ] as const) {
        bench.reset();
        const count = images * channels * pixels;
        const x = bench.buffer(count, random(count, 5));
        const step = bench.buffer(1, [counter]);
        const y = bench.buffer(count);
        const rows = images * pixels;
        const rowsPerUnit = Math.max(1, Math.floor(300 / channels));
        bench.run([
          [
            "dropout",
            Math.ceil(rows / rowsPerUnit),
            [
              x,
              y,
              step,
              i(rows),
              i(channels),
              i(pixels),
              i(rowsPerUnit),
              i(seed),
              i(Math.ceil(rate * 2 ** 24)),
              f(1 / (1 - rate)),
            ],
          ],
        ]);
        const expected = Float64Array.from(x.data, (v, at) => {
          const c = at % channels;
          const p = Math.floor(at / channels) % pixels;
          const n = Math.floor(at / channels / pixels);
          const index = (n * channels + c) * pixels + p;
          const u = (fmix((fmix(index ^ seed) + Math.imul(counter, 0x9e3779b9)) | 0) >>> 8) / 2 ** 24;
          return u >= rate ? v / (1 - rate) : 0;
        });
        expectClose(y.data, expected, 1.2e-7, "dropout");
      }
  });
});
