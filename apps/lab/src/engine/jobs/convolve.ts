// A convolution or a transposed convolution of one map with one kernel, forward and backward, by the library's own
// operators in float64; and which weight meets which input in which output, read off the same operators.
import {
  GraphBuilder,
  conv2d,
  convTranspose2d,
  evaluate,
  tensor,
  vectorJacobianProduct,
  type Tensor,
  type Value,
} from "sabok";
import type { JobContext } from "../job.ts";

/** The shapes and the rule; one number serves both axes. */
export interface ConvolveGeometry {
  readonly operation: "convolution" | "transposed";
  /** Of the operand. */
  readonly height: number;
  readonly width: number;
  /** Edge of the kernel. */
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  /** Of a transposed convolution; a convolution has none. */
  readonly outputPadding: number;
}

/**
 * dL/dy, and so what L is: "ones", L = Σ y; "own", L = ½Σ y²; "noise", L = Σ g·y with small whole numbers g; an index:
 * L is that output alone (the last one where there are fewer).
 */
export type Cotangent = "ones" | "own" | "noise" | number;

export interface ConvolveRequest extends ConvolveGeometry {
  /** height·width numbers, row by row. */
  readonly x: ArrayLike<number>;
  /** kernel² numbers, row by row. */
  readonly w: ArrayLike<number>;
  readonly cotangent: Cotangent;
}

export interface ConvolveResult {
  readonly height: number;
  readonly width: number;
  readonly y: Float64Array;
  /** dL/dy. */
  readonly dy: Float64Array;
  readonly dx: Float64Array;
  readonly dw: Float64Array;
}

/** y of x and w, and by reverse mode the gradients of L to both. Throws SabokError where the shapes do not fit. */
export async function convolve(
  request: ConvolveRequest,
  _context: JobContext<never>,
): Promise<ConvolveResult> {
  const { height, width, kernel, cotangent } = request;
  const x = tensor([1, 1, height, width], Float64Array.from(request.x));
  const w = tensor([1, 1, kernel, kernel], Float64Array.from(request.w));
  const y = await evaluate((x, w) => layer(x, w, request), [x, w]);
  const dy: Tensor = { shape: y.shape, data: cotangentOf(y, cotangent) };
  const { dx, dw } = await evaluate(
    (x, w, dy) => {
      const [dx, dw] = vectorJacobianProduct(new GraphBuilder(), layer(x, w, request), dy, [x, w]);
      return { dx: dx!, dw: dw! };
    },
    [x, w, dy],
  );
  return {
    height: y.shape[2]!,
    width: y.shape[3]!,
    y: Float64Array.from(y.data),
    dy: Float64Array.from(dy.data),
    dx: Float64Array.from(dx.data),
    dw: Float64Array.from(dw.data),
  };
}

export interface ConvolveLinks {
  /** Of the output. */
  readonly height: number;
  readonly width: number;
  /** For each output, and in it for each input: 0, or 1 + the index of the weight between the two. */
  readonly weightOf: Int32Array;
}

/**
 * Every product of the sum. An input and an output meet in one weight at most, so the response of the operator to a
 * basis vector with a kernel of 1, 2, … k² names that weight.
 */
export async function convolveLinks(
  geometry: ConvolveGeometry,
  _context: JobContext<never>,
): Promise<ConvolveLinks> {
  const { height, width, kernel } = geometry;
  const inputs = height * width;
  const basis = Float64Array.from({ length: inputs ** 2 }, (_, at) => (at % (inputs + 1) === 0 ? 1 : 0));
  const names = Float64Array.from({ length: kernel ** 2 }, (_, j) => j + 1);
  const response = await evaluate(
    (x, w) => layer(x, w, geometry),
    [tensor([inputs, 1, height, width], basis), tensor([1, 1, kernel, kernel], names)],
  );
  const outputs = response.shape[2]! * response.shape[3]!;
  const weightOf = new Int32Array(outputs * inputs);
  response.data.forEach((name, at) => {
    weightOf[(at % outputs) * inputs + Math.floor(at / outputs)] = name;
  });
  return { height: response.shape[2]!, width: response.shape[3]!, weightOf };
}

function layer(
  x: Value,
  w: Value,
  { operation, stride, dilation, padding, outputPadding }: ConvolveGeometry,
): Value {
  return operation === "convolution"
    ? conv2d(x, w, { stride, dilation, padding })
    : convTranspose2d(x, w, { stride, dilation, padding, outputPadding });
}

function cotangentOf({ data }: Tensor, cotangent: Cotangent): Float64Array {
  if (cotangent === "own") return Float64Array.from(data);
  if (cotangent === "ones") return new Float64Array(data.length).fill(1);
  if (cotangent === "noise") return Float64Array.from(data, (_, i) => ((i * 37 + 11) % 7) - 3);
  const one = Math.min(Math.max(0, Math.floor(cotangent)), data.length - 1);
  return Float64Array.from(data, (_, i) => (i === one ? 1 : 0));
}
