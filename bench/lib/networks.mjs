// The networks of the comparisons that are not published models.
import { add, batchNorm, conv2d, flatten, globalAvgPool, linear, maxPool2d, network, relu } from "sabok";

/** Blocks are [expansion, channels, repeats, stride], as in the MobileNetV2 paper. */
const mobile = {
  stem: 16,
  blocks: [
    [1, 16, 1, 1],
    [4, 24, 2, 2],
    [4, 32, 2, 2],
    [6, 64, 1, 2],
  ],
  head: 256,
};

/** A MobileNetV2-like network; for 3x32x32 images 6.2M MACs an image, 1.2 GFLOP a training step of 32. */
export function mobileLike({ batch = 32, input = [3, 32, 32] } = {}) {
  const { stem, blocks, head } = mobile;
  return network(
    { image: input },
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

/** Three 3x3 convolutions and two poolings for 3x32x32 images: 10.3M MACs an image, 1.98 GFLOP a training step of 32. */
export function plainCnn({ batch = 32 } = {}) {
  return network(
    { image: [3, 32, 32] },
    ({ image }) => {
      const layer = (x, out) => relu(conv2d(x, { out, kernel: 3, padding: 1, bias: true }));
      const half = (x) => maxPool2d(x, { kernel: 2, stride: 2 });
      const x = layer(half(layer(half(layer(image, 32)), 64)), 128);
      return linear(flatten(globalAvgPool(x)), { out: 10 });
    },
    { batch },
  );
}
