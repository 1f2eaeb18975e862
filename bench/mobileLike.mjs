// The MobileNetV2-like network of the training-step comparison; trainStep.py builds the same one in PyTorch.
import { add, batchNorm, conv2d, flatten, globalAvgPool, linear, network } from "sabok";

/** Blocks are [expansion, channels, repeats, stride], as in the MobileNetV2 paper. 6.2M MACs an image of 3x32x32. */
export const spec = {
  stem: 16,
  blocks: [
    [1, 16, 1, 1],
    [4, 24, 2, 2],
    [4, 32, 2, 2],
    [6, 64, 1, 2],
  ],
  head: 256,
  batch: 32,
};

export function mobileLike({ stem, blocks, head, batch } = spec) {
  return network(
    { image: [3, 32, 32] },
    ({ image }) => {
      const norm = (x, out, { kernel = 1, stride = 1, groups = 1, activation = "relu6" } = {}) =>
        batchNorm(conv2d(x, { out, kernel, stride, groups, padding: (kernel - 1) / 2, bias: false }), { activation });
      let channels = stem;
      let x = norm(image, stem, { kernel: 3 });
      for (const [expansion, out, repeats, firstStride] of blocks)
        for (let i = 0; i < repeats; i++) {
          const stride = i === 0 ? firstStride : 1;
          const middle = channels * expansion;
          const expanded = expansion === 1 ? x : norm(x, middle);
          const y = norm(norm(expanded, middle, { kernel: 3, stride, groups: middle }), out, { activation: "none" });
          x = stride === 1 && channels === out ? add(x, y) : y;
          channels = out;
        }
      return linear(flatten(globalAvgPool(norm(x, head))), { out: 10 });
    },
    { batch },
  );
}
