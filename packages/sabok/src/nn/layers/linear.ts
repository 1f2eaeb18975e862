// The fully connected layer.
import { ShapeError } from "../../core/index.ts";
import { shapeOf, type Initializer, type Value } from "../../graph/index.ts";
import { add, biasAdd, linear as linearOp } from "../../ops/index.ts";
import { apply, layerScope } from "../building.ts";
import { initializerOf, uniformByFanIn, zeros, type Initialization } from "../initializers.ts";

export interface LinearOptions {
  /** Output features. */
  readonly out: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Of the weight; default uniformByFanIn. */
  readonly init?: Initialization;
  /** Default zeros. */
  readonly biasInit?: Initializer;
  /** The scope of the parameters; default "linear", "linear_2" … */
  readonly name?: string;
}

/**
 * A linear layer over the last axis of x […,K]. With options: parameters `weight` [O,K] and `bias` [O] are made. With a
 * value as weight: that weight, without bias.
 */
export function linear(x: Value, options: LinearOptions): Value;
export function linear(x: Value, weight: Value): Value;
export function linear(x: Value, second: LinearOptions | Value): Value {
  if ("op" in second) return apply(linearOp, [x, second]);
  const { out, bias = true, init = uniformByFanIn, biasInit = zeros, name } = second;
  return layerScope("linear", name, (g, path) => {
    const features = shapeOf(x).at(-1);
    if (features === undefined) throw new ShapeError(`linear "${path}": x is a scalar, expected […,K].`);
    const shape = [out, features];
    const y = g.apply(linearOp, [x, g.parameter("weight", shape, initializerOf(init, shape))]);
    if (!bias) return y;
    const b = g.parameter("bias", [out], biasInit);
    return g.apply(shapeOf(y).length === 2 ? biasAdd : add, [y, b]);
  });
}
