// Separable terms that are best for given inputs instead of white ones: the data-weighted singular value decomposition.
import { singularValueDecomposition, tensor, type Tensor } from "../../core/index.ts";
import { evaluate, matmul } from "../../nn/index.ts";
import { inputSlices, type SeparableTerm } from "./separableTerms.ts";

/**
 * The first terms, depthwise first, of a kernel [O,C,KH,KW] for inputs [N,C,H,W]. With S_m the second moments of the K² pixels under the
 * kernel in channel m, the best matrix of rank ρ in ‖(W_m − Ŵ_m)S_m^½‖ is U_ρU_ρᵀW_m, U the left singular vectors of W_mS_m^½: the
 * least error of the output as long as different channels are not correlated, for then the channels' errors add up.
 */
export async function weightedTerms(weight: Tensor, input: Tensor, count: number): Promise<SeparableTerm[]> {
  const [out, channels, height, width] = weight.shape as [number, number, number, number];
  const area = height * width;
  const pointwise = Array.from({ length: count }, () => new Float64Array(out * channels));
  const depthwise = Array.from({ length: count }, () => new Float64Array(channels * area));
  for (const [m, slice] of inputSlices(weight).entries()) {
    const root = rootOf(secondMoments(input, m, height, width), area);
    const { u, values } = singularValueDecomposition(await evaluate((a, b) => matmul(a, b), [slice, root]));
    for (let r = 0; r < Math.min(count, values.length); r++)
      for (let n = 0; n < out; n++) {
        const direction = u.data[n * values.length + r]!;
        pointwise[r]![n * channels + m] = direction;
        for (let i = 0; i < area; i++) depthwise[r]![m * area + i]! += direction * slice.data[n * area + i]!;
      }
  }
  return pointwise.map((data, r) => ({
    depthwise: tensor([channels, 1, height, width], depthwise[r]!),
    pointwise: tensor([out, channels, 1, 1], data),
  }));
}

/** E x_i·x_j over every place of the kernel on channel m, row by row. */
function secondMoments({ shape, data }: Tensor, m: number, height: number, width: number): Float64Array {
  const [images, channels, rows, columns] = shape as [number, number, number, number];
  const area = height * width;
  const moments = new Float64Array(area * area);
  const window = new Float64Array(area);
  for (let image = 0; image < images; image++)
    for (let top = 0; top + height <= rows; top++)
      for (let left = 0; left + width <= columns; left++) {
        const start = ((image * channels + m) * rows + top) * columns + left;
        for (let i = 0; i < area; i++)
          window[i] = data[start + Math.floor(i / width) * columns + (i % width)]!;
        for (let i = 0; i < area; i++)
          for (let j = 0; j < area; j++) moments[i * area + j]! += window[i]! * window[j]!;
      }
  return moments;
}

/** A square root R with R·Rᵀ = S of a symmetric matrix without negative eigenvalues: singular vectors times √σ. */
function rootOf(moments: Float64Array, area: number): Tensor {
  const { u, values } = singularValueDecomposition(tensor([area, area], moments));
  return tensor(
    [area, area],
    Float64Array.from(u.data, (value, at) => value * Math.sqrt(values[at % area]!)),
  );
}
