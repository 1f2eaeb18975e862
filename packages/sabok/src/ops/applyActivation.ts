// An activation given as an attribute, as the operator it names.
import type { GraphBuilder, Value } from "../graph/index.ts";
import type { ActivationAttrs } from "./activation.ts";
import { hardSigmoid } from "./hardSigmoid.ts";
import { hardSwish } from "./hardSwish.ts";
import { leakyRelu } from "./leakyRelu.ts";
import { relu } from "./relu.ts";
import { relu6 } from "./relu6.ts";
import { sigmoid } from "./sigmoid.ts";
import { silu } from "./silu.ts";
import { tanh } from "./tanh.ts";

const activations = { relu, relu6, sigmoid, hardSigmoid, hardSwish, silu, tanh };

/** f(x) as its own operator; x itself for "none". */
export function applyActivation(g: GraphBuilder, x: Value, { activation, slope }: ActivationAttrs): Value {
  if (activation === "none") return x;
  if (activation === "leakyRelu") return g.apply(leakyRelu, [x], { slope });
  return g.apply(activations[activation], [x]);
}
