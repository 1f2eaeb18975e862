import { attributesOf, shapeOf } from "../../../graph/index.ts";
import { conv2d } from "../../../ops/index.ts";
import { isConvolution, kernelOf, nodeName, percent } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Convolutions over maps so small that most of their taps fall on padding. */
export const mostlyPadding: Rule = {
  name: "mostly-padding",
  doc: "A padded window over a map hardly larger than itself multiplies zeros.",
  *check({ fields: { graph } }) {
    for (const convolution of graph.values.filter(isConvolution)) {
      const kernel = kernelOf(convolution);
      const { stride, dilation, padding } = attributesOf(convolution, conv2d);
      const [input, output] = [shapeOf(convolution.inputs[0]!), shapeOf(convolution)];
      const inside = ([0, 1] as const).map((k) => {
        let count = 0;
        for (let p = 0; p < output[k + 2]!; p++)
          for (let i = 0; i < kernel[k]; i++) {
            const at = p * stride[k] - padding[k] + i * dilation[k];
            if (at >= 0 && at < input[k + 2]!) count++;
          }
        return count / (output[k + 2]! * kernel[k]);
      });
      const zeros = 1 - inside[0]! * inside[1]!;
      if (zeros < 1 / 3) continue;
      yield {
        node: nodeName(convolution),
        severity: zeros > 0.5 ? "warning" : "info",
        message: `A ${kernel.join("x")} window over a map of ${input.slice(2).join("x")}: most outputs reach over the border.`,
        effect: `${percent(zeros)} of its multiplications are with padding zeros.`,
        fix: "Stride less for images this small (strides fitted to the image), or take a smaller kernel here.",
      };
    }
  },
};
