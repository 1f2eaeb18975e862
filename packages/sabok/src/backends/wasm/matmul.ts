// Matrix products as kernel calls: linear, its fused form and matmul. A product whose left operand lies row by row is one
// GEMM (batched rows with one right matrix are one matrix); Aᵀ·B is the kernel of weight gradients; what is left (both
// transposed, or values of rank 4, which lie as N, H, W, C) is copied into plain matrices first.
import { broadcastShapes, sizeOf, type Shape } from "../../core/index.ts";
import { shapeOf, type Value } from "../../graph/index.ts";
import type { ActivationAttrs } from "../../ops/activation.ts";
import { broadcastPositions } from "../../ops/broadcast.ts";
import type { MatmulAttrs } from "../../ops/matmul.ts";
import { derived, packPanels, panelBytes } from "./convGeometry.ts";
import { emitGemm, emitGemmTransposed, matrixGeometry } from "./gemm.ts";
import { i32, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";

export function linear(node: Value, lowering: Lowering): void {
  const [x, w] = node.inputs as [Value, Value];
  lowerProduct(lowering, x, w, node, { transposeA: false, transposeB: true });
}

export function fusedLinear(node: Value, lowering: Lowering): void {
  const [x, w, b] = node.inputs as [Value, Value, Value];
  const epilogue = { ...(node.attrs as ActivationAttrs), bias: lowering.of(b) };
  lowerProduct(lowering, x, w, node, { transposeA: false, transposeB: true }, epilogue);
}

export function matmul(node: Value, lowering: Lowering): void {
  const [a, b] = node.inputs as [Value, Value];
  lowerProduct(lowering, a, b, node, node.attrs as MatmulAttrs);
}

type Epilogue = Partial<ActivationAttrs> & { readonly bias?: Storage };

/** The matrices of a value's last two axes, where they lie: strides and offsets in floats. */
interface Matrices {
  readonly batch: Shape;
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
  offset(index: number): number;
}

function matricesOf(value: Value): Matrices {
  const shape = shapeOf(value);
  const batch = shape.slice(0, -2);
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1)!;
  if (shape.length !== 4)
    return {
      batch,
      rows,
      columns,
      rowStride: columns,
      columnStride: 1,
      offset: (index) => index * rows * columns,
    };
  const channels = shape[1]!;
  return {
    batch,
    rows,
    columns,
    rowStride: columns * channels,
    columnStride: channels,
    offset: (index) => Math.floor(index / channels) * channels * rows * columns + (index % channels),
  };
}

function lowerProduct(
  lowering: Lowering,
  aValue: Value,
  bValue: Value,
  yValue: Value,
  { transposeA, transposeB }: MatmulAttrs,
  epilogue: Epilogue = {},
): void {
  const [a, b, y] = [matricesOf(aValue), matricesOf(bValue), matricesOf(yValue)];
  const [aStorage, bStorage, yStorage] = [lowering.of(aValue), lowering.of(bValue), lowering.of(yValue)];
  const [rows, depth] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const columns = transposeB ? b.rows : b.columns;
  const [bRow, bDepth] = transposeB ? [b.rowStride, b.columnStride] : [b.columnStride, b.rowStride];
  const packB = (target: Storage, index: number): void =>
    packPanels(lowering, bStorage, target, {
      columns,
      depth,
      rowStride: bRow,
      depthStride: bDepth,
      offset: b.offset(index),
    });
  const panels = (index: number): Storage =>
    derived(lowering, bValue, `matrix ${index} ${transposeB}`, panelBytes(columns, depth), (target) =>
      packB(target, index),
    );

  if (sizeOf(b.batch) === 1 && !transposeA && a.columnStride === 1 && y.columnStride === 1) {
    const allRows = sizeOf(a.batch) * rows;
    return emitGemm(lowering, {
      x: ptr(aStorage),
      panels: ptr(panels(0)),
      y: ptr(yStorage),
      rows: allRows,
      depth,
      columns,
      ...epilogue,
    });
  }
  const batch = broadcastShapes(a.batch, b.batch, "matmul");
  const fromA = broadcastPositions(a.batch, batch);
  const fromB = broadcastPositions(b.batch, batch);
  for (let at = 0; at < sizeOf(batch); at++) {
    const aAt = ptr(aStorage, a.offset(fromA[at]!) * 4);
    const yPlain = y.columnStride === 1;
    const target = yPlain ? ptr(yStorage, y.offset(at) * 4) : ptr(lowering.temporary(rows * columns * 4));
    if (transposeA && !transposeB && a.columnStride === 1 && b.columnStride === 1) {
      const geometry = matrixGeometry(depth, columns, rows);
      emitGemmTransposed(lowering, {
        x: ptr(bStorage, b.offset(fromB[at]!) * 4),
        dy: aAt,
        dw: target,
        geometry,
        rows: depth,
        outs: rows,
        groups: 1,
        run: columns,
        depth: columns,
      });
    } else {
      const plainA = !transposeA && a.columnStride === 1;
      const [aRow, aDepth] = transposeA ? [a.columnStride, a.rowStride] : [a.rowStride, a.columnStride];
      const x = plainA ? aAt : copied(lowering, aAt, rows, depth, aRow, aDepth);
      emitGemm(lowering, {
        x,
        panels: ptr(panels(fromB[at]!)),
        y: target,
        rows,
        depth,
        columns,
        ...epilogue,
      });
    }
    if (!yPlain)
      emitCopy(
        lowering,
        target,
        ptr(yStorage, y.offset(at) * 4),
        rows,
        columns,
        [columns, 1],
        [y.rowStride, y.columnStride],
      );
  }
}

function copied(
  lowering: Lowering,
  source: Arg,
  rows: number,
  columns: number,
  row: number,
  column: number,
): Arg {
  const target = ptr(lowering.temporary(rows * columns * 4));
  emitCopy(lowering, source, target, rows, columns, [row, column], [columns, 1]);
  return target;
}

function emitCopy(
  lowering: Lowering,
  source: Arg,
  target: Arg,
  rows: number,
  columns: number,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  lowering.emit("copyMatrix", rows, [source, target, ...[rows, columns, ...from, ...to].map(i32)]);
}
