// The rectified linear unit with a small slope below 0.
import type { OpSpec } from "../graph/index.ts";
import { activationFunctions } from "./activation.ts";
import { activationGradient } from "./activationGradient.ts";
import { anyShapes } from "./shapes.ts";
import { unary } from "./unary.ts";

export type LeakyReluAttrs = { readonly slope: number };

export const leakyRelu: OpSpec<"leakyRelu", LeakyReluAttrs, 1> = unary(
  "leakyRelu",
  "y = x where x > 0, slope·x elsewhere.",
  { slope: 0.01 },
  (x, { slope }) => activationFunctions.leakyRelu.f(x, slope),
  (g, dy, { inputs: [x], attrs: { slope } }) => [
    g.apply(activationGradient, [dy, x], { activation: "leakyRelu", slope }),
  ],
  {
    *samples() {
      for (const [i, x] of anyShapes.entries())
        yield { inputs: [x], attrs: { slope: 0.01 + 0.05 * (i % 5) } };
    },
  },
);
