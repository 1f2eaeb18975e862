// What a linear reader can use of two signs whose product is the label, when one is gated by the other.
import { tensor } from "../../core/index.ts";
import { evaluate, sigmoid } from "../../nn/index.ts";

/**
 * X = (a, b) of fair signs, the label is ab, and the gate of b is σ(ka). Usable: 1 bit less the least cross-entropy of a logistic
 * reader of (a, b·gate), in bits. By the symmetry b → −b, label → −label its offset and its weight of a are 0 at the
 * optimum, so one weight is left, in a convex function.
 */
export async function usableInformation(gains: readonly number[]) {
  const gates = await evaluate(
    (x) => sigmoid(x),
    [
      tensor(
        [2 * gains.length],
        gains.flatMap((k) => [k, -k]),
      ),
    ],
  );
  return gains.map((k, i) => {
    const [open, closed] = [gates.data[2 * i]!, gates.data[2 * i + 1]!];
    const bits = (margin: number): number =>
      (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))) / Math.LN2;
    const loss = (w: number): number => 0.5 * bits(w * open) + 0.5 * bits(-w * closed);
    let [low, high] = [0, 200];
    for (let round = 0; round < 200; round++) {
      const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
      if (loss(left) <= loss(right)) high = right;
      else low = left;
    }
    // Four outputs (a, b·gate); rounded to nine digits, some may fall together.
    const outputs = [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ].map(([a, b]) => ({
      key: `${a} ${(b! * (a! > 0 ? open : closed)).toFixed(9).replace("-0.000000000", "0.000000000")}`,
      label: a! * b!,
    }));
    const information = outputs.reduce((sum, { key, label }) => {
      const alike = outputs.filter((other) => other.key === key);
      return sum + Math.log2(alike.filter((other) => other.label === label).length / alike.length) / 4;
    }, 1);
    return { k, usable: 1 - loss((low + high) / 2), information };
  });
}
