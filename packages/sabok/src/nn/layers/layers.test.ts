import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tensor, zeros, type Shape, type Tensor } from "../../core/index.ts";
import { shapeOf, statesOf, type Padding, type Pair, type Value } from "../../graph/index.ts";
import { biasAdd } from "../../ops/index.ts";
import { apply } from "../building.ts";
import * as nn from "../index.ts";

const { conv2d, convTranspose2d, evaluate, network } = nn;

describe("conv2d", () => {
  const shapeAfter = (x: Shape, build: (x: Value) => Value): Shape =>
    shapeOf(network({ x }, ({ x }) => build(x)).graph.outputs["logits"]!);

  test.each([
    [{ out: 8 }, [2, 8, 9, 7]],
    [{ out: 8, kernel: 3 }, [2, 8, 7, 5]],
    [{ out: 8, kernel: 3, padding: 1, stride: 2 }, [2, 8, 5, 4]],
    [{ out: 8, kernel: [3, 1], padding: [1, 0, 1, 0] }, [2, 8, 9, 7]],
    [{ out: 8, kernel: 3, padding: "same", stride: 2 }, [2, 8, 5, 4]],
    [{ out: 8, kernel: 4, padding: "same" }, [2, 8, 9, 7]],
    [{ out: 8, kernel: 3, dilation: 2, padding: "same", groups: 4 }, [2, 8, 9, 7]],
  ] as const)("%j", (options, expected) => {
    expect(shapeAfter([4, 9, 7], (x) => conv2d(x, options))).toEqual(expected);
  });

  test("padding same puts the odd zero at the bottom and right", () => {
    const { graph } = network({ x: [1, 4, 4] }, ({ x }) =>
      conv2d(x, { out: 1, kernel: 3, stride: 2, padding: "same" }),
    );
    expect(graph.outputs["logits"]!.attrs["padding"]).toEqual([0, 0, 1, 1]);
  });

  test("a given weight is used as it is", async () => {
    const y = await evaluate(
      (x, w) => conv2d(x, w, { padding: 1 }),
      [tensor([1, 1, 2, 2], [1, 2, 3, 4]), ones([1, 1, 3, 3])],
    );
    expect([...y.data]).toEqual([10, 10, 10, 10]);
  });

  test("channels that do not divide into the groups are refused, with the layer's name", () => {
    expect(() => shapeAfter([4, 9, 7], (x) => conv2d(x, { out: 6, groups: 4, name: "stem" }))).toThrow(
      /conv2d "stem": 4 input and 6 output channels cannot be split into 4 groups/,
    );
    expect(() => shapeAfter([4, 9, 7], (x) => conv2d(x, { out: 0 }))).toThrow(
      /parameter "conv2d.weight": got shape \[0,4,1,1\]/,
    );
    expect(() => shapeAfter([4], (x) => conv2d(x, { out: 3 }))).toThrow(
      /conv2d "conv2d": x has shape \[2,4\], expected \[N,C,H,W\]/,
    );
  });
});

describe("convTranspose2d", () => {
  interface Case {
    readonly note: string;
    readonly attrs: { stride: Pair; dilation: Pair; groups: number; pads: Padding; outputPadding: Pair };
    readonly inputs: readonly { name: string; shape: Shape; data: number[] }[];
    readonly output: { shape: Shape; data: number[] };
  }
  const url = new URL("../../../golden/ops/conv_transpose2d.json", import.meta.url);
  // There the forward convolution is larger than x, which the operator refuses.
  const cases = (JSON.parse(readFileSync(url, "utf8")) as Case[]).filter(
    ({ note }) => !note.startsWith("output padding as large"),
  );

  test.each(cases.map((golden) => [golden.note, golden] as const))(
    "PyTorch: %s",
    async (_, { attrs, inputs, output }) => {
      const { pads: padding, ...geometry } = attrs;
      const y = await evaluate(
        (x, w, b) => {
          const transposed = convTranspose2d(x!, w!, { ...geometry, padding });
          return b ? apply(biasAdd, [transposed, b]) : transposed;
        },
        inputs.map(({ shape, data }) => tensor(shape, data)),
      );
      expect(y.shape).toEqual(output.shape);
      output.data.forEach((expected, i) => expect(y.data[i]).toBeCloseTo(expected, 9));
    },
  );

  test("makes its weight [C,O/groups,KH,KW]", () => {
    const { graph } = network({ x: [6, 5, 5] }, ({ x }) =>
      convTranspose2d(x, { out: 4, kernel: 3, stride: 2, groups: 2, outputPadding: 1, bias: true }),
    );
    expect(shapeOf(graph.outputs["logits"]!)).toEqual([2, 4, 12, 12]);
    expect([...statesOf(graph, "parameter")].map(([name, value]) => [name, shapeOf(value)])).toEqual([
      ["convTranspose2d.weight", [6, 2, 3, 3]],
      ["convTranspose2d.bias", [4]],
    ]);
  });
});

describe("the other layers", () => {
  test("linear takes any rank and says what it cannot take", async () => {
    expect((await evaluate((x) => nn.linear(x, { out: 5 }), [zeros([2, 3, 4])])).shape).toEqual([2, 3, 5]);
    expect((await evaluate((x, w) => nn.linear(x, w), [ones([2, 3]), ones([4, 3])])).data[0]).toBe(3);
    await expect(evaluate((x) => nn.linear(x, { out: 5 }), [zeros([])])).rejects.toThrow(
      /linear "linear": x is a scalar/,
    );
  });

  test("squeezeExcite names its convolutions fc1 and fc2 and scales each channel", async () => {
    const { graph } = network({ x: [16, 4, 4] }, ({ x }) => nn.squeezeExcite(x, { squeeze: 8 }));
    expect(
      [...statesOf(graph, "parameter").keys()].map((name) => name.replace("squeezeExcite.", "")),
    ).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    // All weights 0: the gate is hardSigmoid(0) = 1/2.
    const y = await evaluate(
      (x) => nn.squeezeExcite(x, { squeeze: 2, init: nn.zeros }),
      [ones([1, 4, 2, 2])],
    );
    expect([...y.data]).toEqual(Array.from({ length: 16 }, () => 0.5));
  });

  test("pooling", async () => {
    const x = tensor([1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...(await evaluate((a) => nn.maxPool2d(a), [x])).data]).toEqual([6, 8]);
    expect([...(await evaluate((a) => nn.avgPool2d(a, { kernel: [1, 2] }), [x])).data]).toEqual([
      1.5, 3.5, 5.5, 7.5,
    ]);
    expect(await evaluate((a) => nn.globalAvgPool(a), [x])).toEqual(tensor([1, 1], [4.5]));
    expect((await evaluate((a) => nn.globalAvgPool(a, { keepDims: true }), [x])).shape).toEqual([1, 1, 1, 1]);
  });

  test("resize takes a size or a factor", async () => {
    const x = tensor([1, 1, 1, 2], [1, 3]);
    expect([
      ...(
        await evaluate((a) => nn.resize(a, { size: [1, 4], mode: "nearest", coordinates: "asymmetric" }), [x])
      ).data,
    ]).toEqual([1, 1, 3, 3]);
    expect([...(await evaluate((a) => nn.resize(a, { factor: [1, 2] }), [x])).data]).toEqual([
      1, 1.5, 2.5, 3,
    ]);
    await expect(evaluate((a) => nn.resize(a, {}), [x])).rejects.toThrow(/either a size or a factor/);
  });

  test("each activation by its name", async () => {
    const x = tensor([1], [1.5]);
    const { relu, relu6, leakyRelu, sigmoid, hardSigmoid, hardSwish, silu, tanh } = nn;
    const activations = { relu, relu6, leakyRelu, sigmoid, hardSigmoid, hardSwish, silu, tanh };
    for (const [name, layer] of Object.entries(activations))
      expect(await evaluate((a) => nn.activate(a, name as keyof typeof activations), [x])).toEqual(
        await evaluate((a) => layer(a), [x]),
      );
  });

  test("shaping", async () => {
    const x = tensor([2, 3], [1, 2, 3, 4, 5, 6]);
    const parts = await evaluate(
      (a) => ({
        turned: nn.transpose(a, [1, 0]),
        cut: nn.slice(a, { starts: [0, 1], sizes: [-1, 1] }),
        twice: nn.concat([a, a], { axis: 0 }),
        padded: nn.pad(a, { after: [0, 1], value: 9 }),
        rows: nn.sum(a, { axes: [1] }),
        all: nn.mean(a),
        flat: nn.flatten(a, { startAxis: 0 }),
        split: nn.reshape(a, [-1, 1, 3]),
      }),
      [x],
    );
    expect([...parts.turned.data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...parts.cut.data]).toEqual([2, 5]);
    expect(parts.twice.shape).toEqual([4, 3]);
    expect([...parts.padded.data]).toEqual([1, 2, 3, 9, 4, 5, 6, 9]);
    expect([...parts.rows.data]).toEqual([6, 15]);
    expect(parts.all).toEqual(tensor([], [3.5]));
    expect([parts.flat.shape, parts.split.shape]).toEqual([[6], [2, 1, 3]]);
  });

  test("arithmetic and the loss", async () => {
    const [a, b] = [tensor([1, 2], [4, 9]), tensor([1, 2], [2, 3])];
    const of = async (fn: (a: Value, b: Value) => Value): Promise<number[]> => [
      ...(await evaluate(fn, [a, b])).data,
    ];
    expect(await of(nn.sub)).toEqual([2, 6]);
    expect(await of(nn.mul)).toEqual([8, 27]);
    expect(await of(nn.div)).toEqual([2, 3]);
    expect(await of((x) => nn.power(x, 0.5))).toEqual([2, 3]);
    expect(await of((x) => nn.affine(x, { scale: 2, offset: 1 }))).toEqual([9, 19]);
    expect(await of((x) => nn.log(nn.exp(x)))).toEqual([expect.closeTo(4), expect.closeTo(9)]);
    expect(await of((x, y) => nn.matmul(x, y, { transposeB: true }))).toEqual([35]);
    const loss = await evaluate(
      (logits, target) => nn.crossEntropy(logits, target),
      [tensor([1, 2], [0, 0]), tensor([1, 2], [0, 1])],
    );
    expect(loss.data[0]).toBeCloseTo(Math.log(2));
  });
});

function ones(shape: Shape): Tensor {
  const { data } = zeros(shape);
  return { shape, data: data.fill(1) };
}
