// The two product kernels as calls: rows times packed panels, and the transposed product of a weight gradient.
import type { ActivationAttrs } from "../../ops/activation.ts";
import { ceilDiv, gradientBlocks, gradientPixelBlock, productBlocks } from "./blocks.ts";
import { activationCode } from "./convGeometry.ts";
import { f32, i32, nullPointer, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";

/** y [rows][columns] = act(x [rows][depth] · panels (+ bias)); strides in floats, dense unless given. */
export interface Gemm extends Partial<ActivationAttrs> {
  readonly x: Arg;
  readonly panels: Arg;
  readonly y: Arg;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly bias?: Storage;
  /** Of y's shape, added before the activation. */
  readonly residual?: Storage;
}

export function emitGemm(lowering: Lowering, gemm: Gemm): void {
  const { x, panels, y, rows, depth, columns, bias, residual, activation = "none", slope = 0 } = gemm;
  const { rowBlock, panelBlock } = productBlocks(rows, depth, ceilDiv(columns, 8));
  lowering.emit("gemm", ceilDiv(rows, rowBlock) * ceilDiv(ceilDiv(columns, 8), panelBlock), [
    x,
    panels,
    y,
    bias ? ptr(bias) : nullPointer,
    residual ? ptr(residual) : nullPointer,
    ...[rows, depth, columns, depth, columns, columns, 0, activationCode(activation)].map(i32),
    f32(slope),
    i32(rowBlock),
    i32(panelBlock),
  ]);
}

/** dw [groups · outs][depth] = dy' · patches of x, where `geometry` says what a patch is and `run` is one kernel row of it. */
export interface GemmTransposed {
  readonly x: Arg;
  readonly dy: Arg;
  readonly dw: Arg;
  readonly geometry: readonly Arg[];
  readonly rows: number;
  readonly outs: number;
  readonly groups: number;
  readonly run: number;
  readonly depth: number;
}

export function emitGemmTransposed(lowering: Lowering, product: GemmTransposed): void {
  const { x, dy, dw, geometry, rows, outs, groups, run, depth } = product;
  const { groupPixels, outBlock } = gradientBlocks(rows, outs, depth, groups);
  const parts = ceilDiv(rows, groupPixels);
  const length = groups * outs * depth;
  const partials = parts === 1 ? dw : ptr(lowering.temporary(parts * length * 4));
  const atOnce = Math.max(run, Math.min(768, depth)) + 8;
  lowering.emit(
    "convolutionWeightGradient",
    parts * ceilDiv(outs, outBlock),
    [x, dy, partials, ...geometry, i32(groupPixels), i32(outBlock), i32(gradientPixelBlock)],
    atOnce * (4 * gradientPixelBlock + 20) + (outBlock + 8) * (4 * gradientPixelBlock + 16) + 256,
  );
  if (parts > 1)
    lowering.emit("weightGradientSum", ceilDiv(length, 4096), [
      partials,
      dw,
      i32(parts),
      i32(length),
      i32(0),
    ]);
}

/** The geometry of a plain product dy' [outs][rows] · x [rows][depth], as a 1x1 convolution over `rows` images. */
export function matrixGeometry(rows: number, depth: number, outs: number): Arg[] {
  return [rows, 1, 1, depth, 1, 1, outs, 1, 1, 1, 1, 1, 1, 0, 0, 1].map(i32);
}
