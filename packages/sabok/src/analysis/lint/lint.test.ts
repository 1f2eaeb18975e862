// Every rule with a network that triggers it and one that must not; and the fix keeps the function.
import { describe, expect, test } from "vitest";
import { interpret } from "../../backends/reference/index.ts";
import { Random } from "../../core/index.ts";
import { shapeOf, type Graph, type Value } from "../../graph/index.ts";
import {
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  dropout,
  flatten,
  globalAvgPool,
  hardSwish,
  linear,
  maxPool2d,
  network,
  relu,
  relu6,
  sigmoid,
  squeezeExcite,
  type Network,
} from "../../nn/index.ts";
import { namedNetwork } from "../../nn/models/index.ts";
import { toInference } from "../../passes/index.ts";
import { fieldsOf } from "../receptiveField/fields.ts";
import { applyFixes, lint, lintRules, type LintOptions } from "./lint.ts";
import { atLeastActive } from "./rules/rectifiedBottleneck.ts";
import { varianceRatio } from "./rules/dropoutBeforeNorm.ts";

type Build = (image: Value) => Value;

const of = (build: Build, size: readonly [number, number] = [32, 32], channels = 8): Network =>
  network({ image: [channels, ...size] }, ({ image }) => build(image));

/** What one rule says of a network. */
function findings(rule: string, { graph }: Network, options: LintOptions = {}) {
  return lint(graph, fieldsOf(graph), options).filter((finding) => finding.rule === rule);
}

const conv = (x: Value, out = 8, kernel = 3): Value => conv2d(x, { out, kernel, padding: (kernel - 1) / 2 });
const depthwise = (x: Value): Value =>
  conv2d(x, { out: shapeOf(x)[1]!, groups: shapeOf(x)[1]!, kernel: 3, padding: 1 });
const bottleneck =
  (activate: (x: Value) => Value): Build =>
  (x) =>
    add(
      x,
      activate(
        batchNorm(conv2d(relu(batchNorm(depthwise(relu(batchNorm(conv2d(x, { out: 48 })))))), { out: 8 })),
      ),
    );

interface Case {
  readonly options?: LintOptions;
  readonly size?: readonly [number, number];
  /** Makes them trained weights, which the lint may judge. */
  readonly train?: (weights: Weights) => void;
}

type Weights = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** A copy of a network's weights, changed. */
function trained({ weights }: Network, change: (weights: Weights) => void): Weights {
  const copy: Weights = new Map(
    [...weights].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
  change(copy);
  return copy;
}

const twoConvolutions: Build = (x) =>
  conv2d(relu(batchNorm(conv2d(x, { out: 8, name: "first" }), { name: "norm" })), { out: 4, name: "second" });

/** By rule: a network that triggers it, what is said of it, and one that must not. */
const cases: Readonly<
  Record<string, { triggers: Build; passes: Build; says: RegExp; when?: Case; unless?: Case }>
> = {
  "bias-before-norm": {
    triggers: (x) => batchNorm(conv2d(x, { out: 16, bias: true })),
    passes: (x) => conv2d(relu(batchNorm(conv2d(x, { out: 16 }))), { out: 8, bias: true }),
    says: /16 parameters without a gradient, 16,384 additions/,
  },
  "dropout-before-norm": {
    triggers: (x) => batchNorm(conv(dropout(relu(x), { rate: 0.5 }))),
    passes: (x) => linear(dropout(globalAvgPool(relu(batchNorm(conv(x)))), { rate: 0.5 }), { out: 8 }),
    says: /variance is 0\.405 of the training one/,
  },
  "norm-not-folded": {
    triggers: (x) => conv(relu(batchNorm(x))),
    passes: (x) => relu(batchNorm(conv(x))),
    says: /16,384 operations an image/,
  },
  "small-batch": {
    triggers: (x) => batchNorm(conv(x)),
    passes: (x) => batchNorm(conv(x)),
    says: /batch variance is off by/,
    when: { size: [2, 2], options: { batch: 2 } },
    unless: { options: { batch: 32 } },
  },
  "shifted-statistics": {
    triggers: (x) => batchNorm(conv(x), { name: "norm" }),
    passes: (x) => batchNorm(conv(x), { name: "norm" }),
    says: /shift is 1\.5 deviations .* variance 2\.25 times/,
    when: { options: { shifts: new Map([["norm", { shift: 1.5, ratio: 2.25 }]]) } },
    unless: { options: { shifts: new Map([["norm", { shift: 0.1, ratio: 1.1 }]]) } },
  },
  "small-field": {
    triggers: (x) => globalAvgPool(conv(conv(x))),
    passes: (x) => globalAvgPool(conv(conv(x))),
    says: /50 % of the object's length/,
    when: { options: { object: 10 } },
    unless: { options: { object: 5 } },
  },
  gridding: {
    triggers: (x) =>
      conv2d(conv2d(x, { out: 8, kernel: 3, dilation: 2 }), { out: 8, kernel: 3, dilation: 2 }),
    passes: (x) => conv2d(conv2d(x, { out: 8, kernel: 3, dilation: 1 }), { out: 8, kernel: 3, dilation: 2 }),
    says: /25 pixels, 30\.9 % of its field/,
  },
  "stride-discards": {
    triggers: (x) => conv2d(relu(x), { out: 8, stride: 2 }),
    // The shortcut alone would discard; the branch beside it reads the rest.
    passes(x) {
      const y = relu(x);
      return add(conv2d(y, { out: 8, stride: 2 }), conv2d(y, { out: 8, kernel: 3, stride: 2, padding: 1 }));
    },
    says: /75\.0 % of the pixels/,
  },
  "mostly-padding": {
    triggers: (x) => conv(maxPool2d(x, { kernel: 16 }), 8, 5),
    passes: (x) => conv(maxPool2d(x, { kernel: 2 }), 8, 5),
    says: /of its multiplications are with padding zeros/,
  },
  "misaligned-branches": {
    triggers: (x) =>
      add(conv2d(x, { out: 8, kernel: 3, stride: 2, padding: "same" }), conv2d(x, { out: 8, stride: 2 })),
    passes: (x) =>
      add(conv2d(x, { out: 8, kernel: 3, stride: 2, padding: 1 }), conv2d(x, { out: 8, stride: 2 })),
    says: /1 input pixels apart \(vertical and horizontal\)/,
  },
  "channel-multiples": {
    triggers: (x) => linear(globalAvgPool(conv(conv(x, 17))), { out: 10 }),
    passes: (x) => linear(globalAvgPool(conv(conv(x, 16))), { out: 10 }),
    says: /41\.2 % more work/,
  },
  "saturated-skip": {
    triggers: (x) => sigmoid(add(x, conv(x))),
    passes: (x) => relu(add(x, sigmoid(conv(x)))),
    says: /at most 9\.54e-7 of the gradient/,
  },
  "rectified-bottleneck": {
    triggers: bottleneck(relu6),
    passes: bottleneck((x) => x),
    says: /P = 2\^−8 = 0\.00391; on the 48 before them 1/,
  },
  "narrow-squeeze": {
    triggers: (x) => squeezeExcite(conv(x, 64), { squeeze: 2 }),
    passes: (x) => squeezeExcite(conv(x, 64), { squeeze: 16 }),
    says: /3\.1 % of the directions/,
  },
  "depthwise-without-norm": {
    triggers: (x) => relu6(depthwise(relu6(batchNorm(conv(x))))),
    passes: (x) => relu6(batchNorm(depthwise(relu6(batchNorm(conv(x)))))),
    says: /saturate/,
  },
  "dead-channels": {
    triggers: twoConvolutions,
    passes: twoConvolutions,
    says: /^1 of 8 channels are dead: 3\.$/,
    when: { train: (weights) => (weights.get("norm.bias")!.data[3] = -5) },
    unless: { train: (weights) => (weights.get("norm.bias")!.data[3] = -3) },
  },
  "redundant-activation": {
    triggers: (x) => relu(maxPool2d(add(sigmoid(conv(x)), relu6(conv(x))), { kernel: 2 })),
    // The sum of two maps that reach 6 may be 12.
    passes: (x) => relu6(add(relu6(conv(x)), relu6(conv(x)))),
    says: /2,048 operations an image for nothing/,
  },
  "idle-layer": {
    triggers: (x) => conv(avgPool2d(relu(conv(x)), { kernel: 1 })),
    passes: (x) => conv(avgPool2d(relu(conv(x)), { kernel: 2 })),
    says: /A copy of 8,192 numbers an image/,
  },
};

describe.each(Object.entries(cases))("%s", (rule, { triggers, passes, says, when = {}, unless = {} }) => {
  const foundIn = (build: Build, { size, options, train }: Case) => {
    const net = of(build, size);
    return findings(rule, net, { ...options, ...(train && { weights: trained(net, train) }) });
  };

  test("triggers, and says how much it matters", () => {
    const found = foundIn(triggers, when);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.effect).toMatch(says);
    for (const text of [found[0]!.message, found[0]!.fix, found[0]!.node]) expect(text).not.toBe("");
  });

  test("keeps quiet where it must", () => {
    expect(foundIn(passes, unless)).toEqual([]);
  });
});

test("dead-channels finds filters that nothing reads too, and judges trained weights only", () => {
  const net = of(twoConvolutions);
  const unread = trained(net, (weights) =>
    [0, 1, 2, 3].forEach((o) => (weights.get("second.weight")!.data[o * 8 + 6] = 0)),
  );
  expect(findings("dead-channels", net, { weights: unread })).toMatchObject([
    { node: "first", effect: "1 of 8 filters are never used: 6." },
  ]);
  expect(findings("dead-channels", net)).toEqual([]);
});

test("every rule has a network that triggers it and one that must not, each name once", () => {
  const names = lintRules.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(cases).sort()).toEqual([...names].sort());
});

test("published networks have no warnings at their own size and a batch of 32", () => {
  for (const name of ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "resnet18"]) {
    const { graph } = namedNetwork(name);
    expect(
      lint(graph, fieldsOf(graph)).filter(({ severity }) => severity !== "info"),
      name,
    ).toEqual([]);
  }
});

test("a network stretched to 32 pixels is told what that costs", () => {
  const small = namedNetwork("mobilenet_v3_large", { input: [3, 32, 32] });
  expect(findings("mostly-padding", small).some(({ severity }) => severity === "warning")).toBe(true);
  expect(findings("small-batch", small, { batch: 2 })).toMatchObject([{ severity: "warning" }]);
  // 1x1 maps at the end: a single value a channel.
  expect(findings("small-batch", small, { batch: 1 })).toMatchObject([{ severity: "error" }]);
});

test("the formulas", () => {
  expect(varianceRatio(0, 1, 0.5)).toBe(0.5);
  expect(varianceRatio(2, 1, 0.5)).toBeCloseTo(1 / 6, 12);
  const relued = [1 / Math.sqrt(2 * Math.PI), 0.5 - 1 / (2 * Math.PI)] as const;
  expect(varianceRatio(...relued, 0.8)).toBeCloseTo(0.73167, 5);
  expect(atLeastActive(2, 12)).toBeCloseTo(0.996826, 6);
  expect(atLeastActive(16, 32)).toBeCloseTo(0.569975, 6);
});

describe("applyFixes", () => {
  const build: Build = (x) => {
    const first = relu(relu(batchNorm(conv2d(x, { out: 4, bias: true, name: "first" }), { name: "norm" })));
    const second = hardSwish(
      batchNorm(conv2d(first, { out: 5, kernel: 3, name: "second" }), { name: "norm2" }),
    );
    return linear(flatten(maxPool2d(conv2d(second, { out: 2, name: "third" }), { kernel: 1 })), {
      out: 3,
      bias: true,
    });
  };
  const net = of(build, [6, 5]);
  const random = new Random(5);
  const weights = trained(net, (drawn) => {
    for (const { data } of drawn.values())
      data.forEach((_, i) => (data[i] = 0.1 + Math.abs(random.normal())));
    for (let i = 0; i < 9; i++)
      for (let o = 0; o < 5; o++) drawn.get("second.weight")!.data[(o * 4 + 2) * 9 + i] = 0;
    for (const channel of [0, 4])
      for (const o of [0, 1]) drawn.get("third.weight")!.data[o * 5 + channel] = 0;
  });
  const fixed = applyFixes({ graph: net.graph, weights });

  test("says what it did, and leaves nothing to mend", () => {
    expect(fixed.done).toEqual([
      expect.stringMatching(/^Took out the relu .*, which finds nothing to change\.$/),
      expect.stringMatching(/^Took out the maxPool2d .*, which does nothing\.$/),
      "Removed first.bias and lowered the running mean behind it by it.",
      "Cut 1 of 4 filters of first that nothing reads.",
      "Cut 2 of 5 filters of second that nothing reads.",
    ]);
    const left = lint(fixed.graph, fieldsOf(fixed.graph), { weights: fixed.weights }).map(({ rule }) => rule);
    for (const rule of ["bias-before-norm", "redundant-activation", "idle-layer", "dead-channels"])
      expect(left).not.toContain(rule);
    expect(fixed.weights.get("second.weight")!.shape).toEqual([3, 3, 3, 3]);
    expect(applyFixes(fixed).done).toEqual([]);
  });

  test("keeps the function, in inference and in training", () => {
    const image = { shape: [2, 8, 6, 5], data: Float32Array.from({ length: 480 }, () => random.normal()) };
    for (const form of [toInference, (graph: Graph) => graph]) {
      const [before, after] = [{ graph: net.graph, weights }, fixed].map(
        (one) => interpret(form(one.graph), { image }, one.weights).outputs["logits"]!,
      );
      before!.data.forEach((x, i) => expect(after!.data[i]! / x).toBeCloseTo(1, 4));
    }
  });

  test("cuts no filter that a sum, an output or a group reads", () => {
    const residual = of((x) => {
      const y = conv2d(x, { out: 8, name: "first" });
      return conv2d(add(y, conv2d(y, { out: 8, name: "second" })), { out: 4, name: "third" });
    });
    const zeros = trained(residual, (drawn) => {
      drawn.get("second.weight")!.data.fill(0);
      drawn.get("third.weight")!.data.fill(0);
    });
    expect(applyFixes({ graph: residual.graph, weights: zeros }).done).toEqual([]);
  });
});
