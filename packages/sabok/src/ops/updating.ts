// What the optimisers' update rules share: operands of one shape, perhaps some scalars after them, a result of that shape.
import { ShapeError, formatShape, sizeOf, type Shape, type Tensor, type TensorType } from "../core/index.ts";
import { expectShape } from "./shapes.ts";

/** The type of the first operand. Throws unless those of the other operands named before the scalars are equal to it. */
export function updateType(
  types: readonly TensorType[],
  names: readonly string[],
  where: string,
): TensorType {
  const first = types[0]!;
  for (const [i, type] of types.entries()) {
    const name = names[i]!;
    if (name.endsWith("[]")) expectShape(type, [], name.slice(0, -3), where);
    else if (formatShape(type.shape) !== formatShape(first.shape))
      throw new ShapeError(
        `${where}: ${name} has shape ${formatShape(type.shape)} but ${names[0]} ${formatShape(first.shape)}; they must be equal.`,
      );
  }
  return first;
}

/** A tensor whose every element is computed from its position. */
export function tensorFrom(shape: Shape, value: (i: number) => number): Tensor {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(i)) };
}
