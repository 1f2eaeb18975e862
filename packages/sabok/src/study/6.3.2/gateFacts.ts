// What can be shown of gates on the engine: that they lose information, that they add functions, and that r limits their rank.
import { rankOf, tensor, type Random, type Tensor } from "../../core/index.ts";
import { conv2d, evaluate, mul, relu, sigmoid, squeezeExcite } from "../../nn/index.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { gateOf } from "../6.3.1/gate.ts";

/** Two inputs of one channel that the gate σ(−2z) maps to the same output. */
export async function gateCollision(): Promise<{ inputs: number[]; outputs: number[] }> {
  const inputs = [0.2, 1.3999083];
  const gate = await evaluate(
    (z, w) => sigmoid(conv2d(z, w)),
    [tensor([2, 1, 1, 1], inputs), tensor([1, 1, 1, 1], [-2])],
  );
  return { inputs, outputs: inputs.map((z, i) => z * gate.data[i]!) };
}

/** Constant gates are absorbed by the next convolution; input-dependent ones break f(αx) = αf(x). */
export async function functionClass(random: Random) {
  const channels = 8;
  const x = normalTensor(random, [1, channels, 5, 5]);
  const [w1, w2] = [0, 1].map(() => normalTensor(random, [channels, channels, 3, 3], { std: 0.2 })) as [
    Tensor,
    Tensor,
  ];
  const gate = tensor(
    [1, channels, 1, 1],
    Array.from({ length: channels }, () => random.uniform()),
  );
  const { gated, absorbed } = await evaluate(
    (x, w1, w2, s) => ({
      gated: conv2d(mul(relu(conv2d(x, w1)), s), w2),
      absorbed: conv2d(relu(conv2d(x, w1)), mul(w2, s)),
    }),
    [x, w1, w2, gate],
  );
  const net = (alpha: number, withGate: boolean): Promise<Tensor> =>
    evaluate(
      (x, w1, w2) => {
        const y = relu(conv2d(x, w1));
        return conv2d(withGate ? squeezeExcite(y, { squeeze: 4, gate: "sigmoid" }) : y, w2);
      },
      [
        tensor(
          x.shape,
          Float64Array.from(x.data, (value) => alpha * value),
        ),
        w1,
        w2,
      ],
      { seed: 1 },
    );
  const deviation = async (withGate: boolean): Promise<number[]> => {
    const base = await net(1, withGate);
    return Promise.all(
      [2, 4].map(async (alpha) =>
        largestDifference(
          (await net(alpha, withGate)).data,
          base.data.map((y) => alpha * y),
        ),
      ),
    );
  };
  return {
    constantGate: largestDifference(gated.data, absorbed.data),
    plain: await deviation(false),
    gated: await deviation(true),
  };
}

/** The rank, over random inputs, of the gates' logits; the layer's biases begin at 0. */
export async function gateRank(random: Random, channels: number, squeeze: number): Promise<number> {
  const count = 3 * channels + 20;
  const logits = await evaluate(
    (x) => gateOf(squeezeExcite(x, { squeeze })).logits,
    [normalTensor(random, [count, channels, 1, 1])],
    { seed: 1 },
  );
  return rankOf(tensor([count, channels], logits.data));
}
