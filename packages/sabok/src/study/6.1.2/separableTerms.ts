// A standard kernel as a sum of depthwise separable ones: for each input channel (or each output channel) the singular value
// decomposition of its slice, and the terms as kernels that conv2d takes.
import { tensor, type Tensor, singularValueDecomposition, type SingularValues } from "../../core/index.ts";

/** Which half comes first. Depthwise first: one slice [C_out, K²] for each input channel; pointwise first: [C_in, K²] for each output. */
export type Order = "depthwise-first" | "pointwise-first";

/** W[:, m] of a kernel [O,C,KH,KW] as matrices [O, KH·KW], one for each input channel. */
export function inputSlices(weight: Tensor): Tensor[] {
  const [out, channels, height, width] = weight.shape as [number, number, number, number];
  const area = height * width;
  return Array.from({ length: channels }, (_, m) =>
    tensor(
      [out, area],
      Float64Array.from({ length: out * area }, (_value, at) => {
        const n = Math.floor(at / area);
        return weight.data[(n * channels + m) * area + (at % area)]!;
      }),
    ),
  );
}

/** W[n] as matrices [C, KH·KW], one for each output channel. */
export function outputSlices(weight: Tensor): Tensor[] {
  const [out, channels, height, width] = weight.shape as [number, number, number, number];
  const size = channels * height * width;
  return Array.from({ length: out }, (_, n) =>
    tensor([channels, height * width], Float64Array.from(weight.data.subarray(n * size, (n + 1) * size))),
  );
}

/** One depthwise separable convolution. */
export interface SeparableTerm {
  /** [C,1,KH,KW] depthwise first, [O,1,KH,KW] pointwise first. */
  readonly depthwise: Tensor;
  /** [O,C,1,1]. */
  readonly pointwise: Tensor;
}

export interface Decomposition {
  readonly order: Order;
  /** Of each slice, σ₁ ≥ σ₂ ≥ … */
  readonly singularValues: readonly (readonly number[])[];
  /** The most slices' rank: so many terms are exact, and fewer are not. */
  readonly rank: number;
  /** The squared error of the best ρ terms over the squared norm, ρ = 0 …: Eckart and Young, slice by slice. */
  readonly errors: readonly number[];
  /** The r-th term, r from 0. */
  term(r: number): SeparableTerm;
}

/** The best approximations of a kernel [O,C,KH,KW] by sums of depthwise separable kernels, in the Frobenius norm. */
export function decompose(weight: Tensor, order: Order): Decomposition {
  const slices = (order === "depthwise-first" ? inputSlices : outputSlices)(weight);
  const factors = slices.map(singularValueDecomposition);
  const singularValues = factors.map(({ values }) => values);
  const largest = Math.max(...singularValues.map(([first]) => first!));
  const most = singularValues[0]!.length;
  const energy = (from: number): number =>
    singularValues.reduce(
      (sum, values) => values.slice(from).reduce((rest, value) => rest + value * value, sum),
      0,
    );
  return {
    order,
    singularValues,
    rank: Math.max(
      ...singularValues.map((values) => values.filter((value) => value > 1e-10 * largest).length),
    ),
    errors: Array.from({ length: most + 1 }, (_, terms) => (largest === 0 ? 0 : energy(terms) / energy(0))),
    term: (r) => (order === "depthwise-first" ? byInput : byOutput)(weight, factors, r),
  };
}

/** D_r[m] = mat(v_{m,r}), P_r[:, m] = σ_{m,r}·u_{m,r}. */
function byInput(weight: Tensor, factors: readonly SingularValues[], r: number): SeparableTerm {
  const [out, channels, height, width] = weight.shape as [number, number, number, number];
  const pointwise = new Float64Array(out * channels);
  factors.forEach(({ u, values }, m) => {
    for (let n = 0; n < out; n++) pointwise[n * channels + m] = values[r]! * u.data[n * values.length + r]!;
  });
  return {
    depthwise: tensor(
      [channels, 1, height, width],
      factors.flatMap((factor) => rightVector(factor, r)),
    ),
    pointwise: tensor([out, channels, 1, 1], pointwise),
  };
}

/** P_r[n, :] = σ_{n,r}·u_{n,r}, D_r[n] = mat(v_{n,r}). */
function byOutput(weight: Tensor, factors: readonly SingularValues[], r: number): SeparableTerm {
  const [out, channels, height, width] = weight.shape as [number, number, number, number];
  const left = factors.flatMap(({ u, values }) =>
    Array.from({ length: channels }, (_, m) => values[r]! * u.data[m * values.length + r]!),
  );
  return {
    depthwise: tensor(
      [out, 1, height, width],
      factors.flatMap((factor) => rightVector(factor, r)),
    ),
    pointwise: tensor([out, channels, 1, 1], left),
  };
}

function rightVector({ v, values }: SingularValues, r: number): number[] {
  return Array.from({ length: v.shape[0]! }, (_, i) => v.data[i * values.length + r]!);
}
