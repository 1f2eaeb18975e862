// What the elementwise operators of one operand share: everything but the function, its attributes and its gradient.
import { zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { anyShapes, noMacs } from "./shapes.ts";

/** An operator y = f(x) over every element. */
export function unary<Name extends string, Attrs extends object>(
  name: Name,
  doc: string,
  defaults: Attrs,
  f: (x: number, attrs: Attrs) => number,
  grad: OpSpec<Name, Attrs, 1>["grad"],
  more: Partial<Pick<OpSpec<Name, Attrs, 1>, "samples" | "rejects" | "expand" | "infer" | "words">> = {},
): OpSpec<Name, Attrs, 1> {
  return {
    name,
    doc,
    inputs: ["x"],
    defaults,
    infer: ([x]) => x,
    reference([x], attrs) {
      const y = zeros(x.shape);
      for (let i = 0; i < y.data.length; i++) y.data[i] = f(x.data[i]!, attrs);
      return y;
    },
    grad,
    macs: noMacs,
    *samples() {
      for (const x of anyShapes) yield { inputs: [x] };
    },
    rejects: [],
    ...more,
  };
}
