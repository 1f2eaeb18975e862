// The activation functions, each by its own name and all by name.
import type { OpSpec, Value } from "../../graph/index.ts";
import {
  hardSigmoid as hardSigmoidOp,
  hardSwish as hardSwishOp,
  leakyRelu as leakyReluOp,
  relu as reluOp,
  relu6 as relu6Op,
  sigmoid as sigmoidOp,
  silu as siluOp,
  tanh as tanhOp,
  type Activation,
} from "../../ops/index.ts";
import { apply } from "../building.ts";

const plain =
  <Name extends string>(spec: OpSpec<Name, object, 1>) =>
  (x: Value): Value =>
    apply(spec, [x]);

export const relu = plain(reluOp);
/** min(max(x, 0), 6). */
export const relu6 = plain(relu6Op);
export const sigmoid = plain(sigmoidOp);
/** relu6(x + 3)/6. */
export const hardSigmoid = plain(hardSigmoidOp);
/** x·relu6(x + 3)/6 (Howard et al., 2019). */
export const hardSwish = plain(hardSwishOp);
/** x·sigmoid(x), also called swish. */
export const silu = plain(siluOp);
export const tanh = plain(tanhOp);

/** x above 0, slope·x below; slope 0.01. */
export function leakyRelu(x: Value, options: { readonly slope?: number } = {}): Value {
  return apply(leakyReluOp, [x], options);
}

const functions: Readonly<Record<Activation, (x: Value) => Value>> = {
  none: (x) => x,
  relu,
  relu6,
  leakyRelu,
  sigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  tanh,
};

/** The activation of the given name; "none" gives x itself. */
export function activate(x: Value, activation: Activation): Value {
  return functions[activation](x);
}
