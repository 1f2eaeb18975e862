// Convolution, bias and activation in one step: what inference runs once batch norm is folded.
import type { OpSpec } from "../graph/index.ts";
import { activate, activationFunctions, activationWords, type ActivationAttrs } from "./activation.ts";
import { applyActivation } from "./applyActivation.ts";
import { biasAdd } from "./biasAdd.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dDefaults, convSamples, type Conv2dAttrs } from "./convolution.ts";
import { expectShape } from "./shapes.ts";

export type FusedConv2dAttrs = Conv2dAttrs & ActivationAttrs;

export const fusedConv2d: OpSpec<"fusedConv2d", FusedConv2dAttrs, 3> = {
  name: "fusedConv2d",
  doc: "y = f(conv2d(x, w) + b) for the named activation f.",
  inputs: ["x [N,C,H,W]", "w [O,C/groups,KH,KW]", "b [O]"],
  defaults: { ...conv2dDefaults, activation: "none", slope: 0.01 },
  words: { activation: activationWords },
  infer([x, w, b], attrs, where) {
    const y = conv2d.infer([x, w], attrs, where);
    expectShape(b, [w.shape[0]!], "b", where);
    return y;
  },
  reference([x, w, b], attrs) {
    return activate(biasAdd.reference([conv2d.reference([x, w], attrs), b], {}), attrs);
  },
  expand: (g, { inputs: [x, w, b], attrs: { activation, slope, ...attrs } }) =>
    applyActivation(g, g.apply(biasAdd, [g.apply(conv2d, [x, w], attrs), b]), { activation, slope }),
  grad: "expand",
  macs: ([x, w], attrs) => conv2d.macs([x, w], attrs),
  window: ([x, w], attrs) => conv2d.window!([x, w], attrs),
  *samples() {
    const names = Object.keys(activationFunctions) as (keyof typeof activationFunctions)[];
    for (const [i, [x, w, attrs]] of convSamples.entries())
      yield { inputs: [x, w, [w[0]!]], attrs: { ...attrs, activation: names[i % names.length]! } };
  },
  rejects: [{ inputs: [[1, 3, 8, 8], [8, 3, 3, 3], [3]], error: /b has shape \[3\], expected \[8\]/ }],
};
