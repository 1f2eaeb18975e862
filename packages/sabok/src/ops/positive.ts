// Operands for tests of operators that are not defined, or not smooth, around 0.
import { Random, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";

/** Numbers between 0.25 and 2.25, the same for the same shape and seed. */
export function positive(shape: Shape, seed = 1): Tensor {
  const random = new Random(seed);
  return tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => 0.25 + 2 * random.uniform()),
  );
}
