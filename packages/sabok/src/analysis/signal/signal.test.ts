// Signals against theory: moments at initialisation, Jacobians of a block worked out by hand.
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import {
  add,
  batchNorm,
  conv2d,
  globalAvgPool,
  heNormal,
  linear,
  network,
  relu,
  scope,
  sigmoid,
  tanh,
} from "../../nn/index.ts";
import { namedNetwork } from "../../nn/models/index.ts";
import { jacobian } from "./jacobian.ts";
import { signal } from "./signal.ts";
import { signalProbe } from "./signalProbe.ts";
import { streamOf } from "./stream.ts";

describe("signal", () => {
  test("behind batch norm the variance is 1, behind a rectifier the mean square is 1/2", async () => {
    const { graph, weights } = network({ image: [8, 16, 16] }, ({ image }) => {
      const x = relu(batchNorm(conv2d(image, { out: 16, kernel: 3, padding: 1 }), { name: "first" }));
      return linear(batchNorm(conv2d(x, { out: 16, kernel: 16 }), { name: "second" }), { out: 4 });
    });
    const [first, second] = await signal(graph, weights, { batch: 32 });
    expect(first!.meanSquare).toBeCloseTo(0.5, 1);
    expect(second!.variance).toBeCloseTo(1, 2);
    for (const { gradient, gradientToWeight } of [first!, second!]) {
      expect(gradient).toBeGreaterThan(0);
      expect(gradientToWeight).toBeGreaterThan(0);
    }
  });

  test("the gradient's norm against finite differences of the loss", async () => {
    // One linear layer with a mean-square loss: L = mean(y²), so ‖∂L/∂W‖ = ‖2/n·xᵀy‖.
    const { graph, weights } = network({ x: [3, 1, 1] }, ({ x }) => conv2d(x, { out: 2, name: "only" }));
    const images = Float32Array.of(1, 2, 3);
    const [only] = await signal(graph, weights, { batch: 1, images });
    const w = weights.get("only.weight")!.data;
    const y = [0, 1].map((o) => [0, 1, 2].reduce((sum, c) => sum + w[o * 3 + c]! * images[c]!, 0));
    const slope = Math.hypot(...y.flatMap((value) => [...images].map((x) => value * x)));
    expect(only!.gradientToWeight! / (slope / Math.hypot(...w))).toBeCloseTo(1, 5);
    expect(only!.gradient).toBeCloseTo(Math.hypot(...y) / Math.SQRT2, 5);
  });

  test("post-activation residuals keep the variance growing, a plain stack of sigmoids loses the gradient", async () => {
    const gradientRatio = async (block: (x: Value) => Value) => {
      const { graph, weights } = network({ image: [16, 4, 4] }, ({ image }) => {
        let x = conv2d(image, { out: 16 });
        for (let i = 0; i < 8; i++) x = scope(String(i), () => block(x));
        return x;
      });
      const layers = await signal(graph, weights, { batch: 4 });
      return layers[0]!.gradient / layers.at(-1)!.gradient;
    };
    expect(await gradientRatio((x) => sigmoid(conv2d(x, { out: 16 })))).toBeLessThan(1e-3);
    expect(await gradientRatio((x) => add(x, sigmoid(conv2d(x, { out: 16 }))))).toBeGreaterThan(0.1);
  });

  test("a published network, every layer finite", { timeout: 60_000 }, async () => {
    const { graph, weights } = namedNetwork("mobilenet_v3_small", {
      input: [3, 64, 64],
      classes: 10,
      width: 0.5,
    });
    for (const { variance, gradient } of await signal(graph, weights))
      expect(Number.isFinite(variance * gradient)).toBe(true);
  });
});

describe("the stream of a residual network", () => {
  const blocks = 12;
  const stream = async (block: (x: Value) => Value) => {
    const { graph, weights } = network({ image: [64, 6, 6] }, ({ image }) => {
      let x = image;
      for (let i = 0; i < blocks; i++) x = scope(String(i), () => block(x));
      return globalAvgPool(x);
    });
    return streamOf(await signal(graph, weights, { batch: 16 }));
  };
  const conv = (x: Value, name = "conv"): Value => conv2d(x, { out: 64, init: heNormal, name });

  test("pre-activation adds a variance of about 1 a block and multiplies the squared gradient by 1 + 1/v", async () => {
    const found = (await stream((x) => add(x, conv(relu(batchNorm(x))))))!;
    expect(found.sums).toBe(blocks);
    expect(found.variance[1] - found.variance[0]).toBeGreaterThan(0.7 * (blocks - 1));
    expect(found.variance[1] - found.variance[0]).toBeLessThan(1.3 * (blocks - 1));
    expect(found.gradientPerSum ** 2).toBeGreaterThan(1.1);
    expect(found.gradientPerSum ** 2).toBeLessThan(1.35);
  });

  test("a norm behind the sum resets the variance, and the squared gradient grows by about a half a block", async () => {
    const branch = (x: Value): Value => conv(relu(batchNorm(conv(x, "first"), { name: "inner" })), "second");
    const found = (await stream((x) => relu(batchNorm(add(x, branch(x)), { name: "outer" }))))!;
    expect(found.gradientPerSum ** 2).toBeGreaterThan(1.3);
    expect(found.gradientPerSum ** 2).toBeLessThan(1.7);
  });

  test("there is none without sums", async () => {
    const { graph, weights } = network({ image: [3, 8, 8] }, ({ image }) => conv2d(image, { out: 4 }));
    expect(streamOf(await signal(graph, weights))).toBeNull();
  });
});

describe("jacobian", () => {
  const w1 = [0.2, -0.1, 0.3, 0.4, 0.1, -0.2, -0.3, 0.5, 0.1];
  const w2 = [0.1, 0.2, -0.4, 0.3, -0.2, 0.1, 0.2, 0.4, 0.3];
  const weights = new Map<string, Tensor>(
    Object.entries({
      "first.weight": [[3, 3], w1],
      "first.bias": [[3], [0.1, -0.2, 0.05]],
      "second.weight": [[3, 3], w2],
      "second.bias": [[3], [0, 0.1, -0.1]],
    } as const).map(([name, [shape, data]]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  const image = { shape: [1, 3], data: Float64Array.of(0.5, -0.3, 0.8) };
  const branch = (a: Value): Value =>
    linear(tanh(linear(a, { out: 3, bias: true, name: "first" })), { out: 3, bias: true, name: "second" });

  test("the block of the problem set: skip inside the activation, skip outside, none", async () => {
    const at = (build: (a: Value) => Value) => {
      const { graph } = network({ a: [3] }, ({ a }) => scope("end", () => build(a)));
      const named = new Map([...weights].map(([name, data]) => [`end.${name}`, data]));
      return jacobian(graph, named, "", "end", { image });
    };
    const expectValues = (found: readonly number[] | undefined, expected: readonly number[]): void =>
      expected.forEach((value, i) => expect(found![i]).toBeCloseTo(value, 6));
    const skipInside = await at((a) => tanh(add(branch(a), a)));
    expectValues(skipInside.withSkip.singularValues, [1.08068, 0.854183, 0.62217]);
    expectValues(skipInside.withoutSkip?.singularValues, [0.292962, 0.192483, 0.096399]);
    const skipOutside = await at((a) => add(tanh(branch(a)), a));
    expectValues(skipOutside.withSkip.singularValues, [1.273176, 1.112728, 0.837255]);
    expectValues(skipOutside.withoutSkip?.singularValues, [0.292962, 0.192483, 0.096399]);
    expect((await at((a) => tanh(branch(a)))).withoutSkip).toBeNull();
  });

  test("where it is much work it runs in float32: a wide linear map has its own singular values", async () => {
    // Four 1x1 convolutions of 160 channels over 2x2 pixels: 640 rows of 410 thousand multiply-accumulates. Each weight is a
    // diagonal of 2, so ∂y/∂x = 16·I; with the skip around the last one (2 + 1)·8·I.
    const channels = 160;
    const { graph, weights: drawn } = network({ image: [channels, 2, 2] }, ({ image }) => {
      const x = [0, 1, 2].reduce((y, i) => conv2d(y, { out: channels, name: `conv${i}` }), image);
      return scope("end", () => add(x, conv2d(x, { out: channels, name: "conv3" })));
    });
    const diagonal = Float32Array.from({ length: channels ** 2 }, (_, i) =>
      i % (channels + 1) === 0 ? 2 : 0,
    );
    const scaled = new Map([...drawn].map(([name, { shape }]) => [name, { shape, data: diagonal }]));
    const { withSkip, withoutSkip } = await jacobian(graph, scaled, "", "end");
    expect([withSkip.singularValues[0], withSkip.singularValues.at(-1)]).toEqual([24, 24]);
    expect([withoutSkip!.rms, withoutSkip!.singularValues.length]).toEqual([16, 640]);
  });

  test("refuses what is too large, and layers that there are not", async () => {
    const { graph, weights: drawn } = network({ image: [3, 32, 32] }, ({ image: x }) =>
      conv2d(x, { out: 8, name: "conv" }),
    );
    await expect(jacobian(graph, drawn, "", "conv")).rejects.toThrow(
      /has 3072 rows or columns; at most 1024/,
    );
    await expect(jacobian(graph, drawn, "", "cnov")).rejects.toThrow(/no layer "cnov"/);
  });
});

describe("signalProbe", () => {
  test("reads again after the weights have changed, as a fresh reading would", async () => {
    const { graph, weights } = network({ image: [3, 6, 6] }, ({ image }) =>
      linear(relu(batchNorm(conv2d(image, { out: 4, kernel: 3, name: "first" }))), { out: 2 }),
    );
    const doubled = new Map(
      [...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => 2 * value) }]),
    );
    const probe = await signalProbe(graph, { batch: 4 });
    expect(await probe.measure(weights)).toEqual(await signal(graph, weights));
    expect(await probe.measure(doubled)).toEqual(await signal(graph, doubled));
    expect(await probe.measure(weights)).toEqual(await signal(graph, weights));
    probe.close();
  });

  test("the labels decide the gradient: the right class of a sure network has none", async () => {
    const { graph, weights } = network({ image: [1, 1, 1] }, ({ image }) =>
      linear(globalAvgPool(image), { out: 2, name: "only" }),
    );
    const sure = new Map(weights)
      .set("only.weight", { shape: [2, 1], data: Float32Array.of(40, -40) })
      .set("only.bias", { shape: [2], data: Float32Array.of(0, 0) });
    const probe = await signalProbe(graph, { batch: 1 });
    const image = Float32Array.of(1);
    const right = (await probe.measure(sure, image, [0])).at(-1);
    const wrong = (await probe.measure(sure, image, [1])).at(-1);
    probe.close();
    expect(right!.gradient).toBeCloseTo(0, 12);
    // ∂L/∂y = softmax − one-hot = (1, −1): root mean square 1.
    expect(wrong!.gradient).toBeCloseTo(1, 6);
  });
});
