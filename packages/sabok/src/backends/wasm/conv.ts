// The three convolutions and the fused one as kernel calls. Each is a depthwise kernel, a product of pixels with packed
// weights (1x1, stride 1), or the dense kernel that lays patches into scratch.
import { shapeOf, type Value } from "../../graph/index.ts";
import { sameShape } from "../../core/index.ts";
import { activationNames, type ActivationAttrs } from "../../ops/activation.ts";
import type { Conv2dAttrs } from "../../ops/convolution.ts";
import { ceilDiv, depthwiseGroupRows, depthwiseRowBlock, depthwiseScratch, productBlocks } from "./blocks.ts";
import {
  activationCode,
  derived,
  flippedGeometry,
  geometryArgs,
  geometryOf,
  isDepthwise,
  isPointwise,
  packPanels,
  panelBytes,
  type Geometry,
} from "./convGeometry.ts";
import { f32, i32, nullPointer, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";
import { emitGemm, emitGemmTransposed } from "./gemm.ts";

/** What the kernel does to each sum before it stores it. */
type Epilogue = ActivationAttrs & { readonly bias?: Storage; readonly residual?: Storage };
const plain: Epilogue = { activation: "none", slope: 0 };

export function conv2d(node: Value, lowering: Lowering): void {
  lowerForward(node, lowering, plain);
}

export function fusedConv2d(node: Value, lowering: Lowering): void {
  const epilogue: Epilogue = { ...(node.attrs as ActivationAttrs), bias: lowering.of(node.inputs[2]!) };
  const sum = epilogue.activation === "none" ? lowering.soleReaderOf(node) : undefined;
  const residual = sum && residualOf(sum, node);
  if (!residual || isDepthwiseNode(node)) return lowerForward(node, lowering, epilogue);
  // The skip's sum, and the activation after it, are taken into the convolution before them.
  const reader = lowering.soleReaderOf(sum);
  const activation = reader && activationNames.find((name) => name === reader.op);
  const slope = (reader?.attrs["slope"] as number | undefined) ?? 0;
  const tail: Epilogue = {
    ...epilogue,
    residual: lowering.of(residual),
    ...(activation && { activation, slope }),
  };
  const target = activation ? reader : sum;
  lowerForward(node, lowering, tail, target);
  for (const taken of new Set([sum, target])) lowering.alsoFills(taken);
}

/** The other operand of a sum of two maps, where it is there before `node`. */
function residualOf(sum: Value, node: Value): Value | undefined {
  if (sum.op !== "add") return undefined;
  const other = sum.inputs[0] === node ? sum.inputs[1]! : sum.inputs[0]!;
  return other.id < node.id && sameShape(shapeOf(other), shapeOf(node)) ? other : undefined;
}

function isDepthwiseNode(node: Value): boolean {
  const [x, w] = node.inputs as [Value, Value];
  return isDepthwise(geometryOf(x, node, kernelOf(w), node.attrs as Conv2dAttrs));
}

export function conv2dInputGradient(node: Value, lowering: Lowering): void {
  const [dy, w] = node.inputs as [Value, Value];
  const g = geometryOf(node, dy, kernelOf(w), node.attrs as Conv2dAttrs);
  if (isDepthwise(g)) return depthwiseInputGradient(node, g, lowering);
  const source = lowering.of(w);
  if (isPointwise(g)) {
    const panels = derived(lowering, w, "columns", panelBytes(g.c, g.o), (target) =>
      packPanels(lowering, source, target, { columns: g.c, depth: g.o, rowStride: 1, depthStride: g.c }),
    );
    return emitGemm(lowering, {
      x: ptr(lowering.of(dy)),
      panels: ptr(panels),
      y: ptr(lowering.of(node)),
      rows: g.n * g.h * g.w,
      depth: g.o,
      columns: g.c,
    });
  }
  const channels = g.c / g.groups;
  const outs = g.o / g.groups;
  const taps = g.kernel[0] * g.kernel[1];
  const key = ["phases", ...g.stride, ...g.dilation, g.padTop, g.padLeft, g.groups].join(" ");
  const panels = derived(lowering, w, key, panelBytes(channels, taps * outs, g.groups), (target) => {
    const sizes = [g.o, channels, ...g.kernel, ...g.stride, ...g.dilation, g.padTop, g.padLeft, g.groups].map(
      i32,
    );
    lowering.emit("packPhases", g.groups * ceilDiv(channels, 8), [ptr(source), ptr(target), ...sizes]);
  });
  const phases = phaseSizes(g);
  const pixels = Math.max(...phases);
  const panelCount = ceilDiv(channels, 8);
  const { rowBlock, panelBlock } = productBlocks(
    pixels,
    (taps * outs) / (g.stride[0] * g.stride[1]),
    panelCount,
  );
  const rowBlocks = phases.reduce((sum, size) => sum + ceilDiv(size, rowBlock), 0);
  lowering.emit(
    "convolutionInputGradient",
    rowBlocks * ceilDiv(panelCount, panelBlock),
    [
      ptr(lowering.of(dy)),
      ptr(panels),
      ptr(lowering.of(node)),
      ...geometryArgs(g),
      i32(0),
      i32(rowBlock),
      i32(panelBlock),
    ],
    rowBlock * (taps * outs + channels) * 4 + 128,
  );
}

export function conv2dWeightGradient(node: Value, lowering: Lowering): void {
  const [x, dy] = node.inputs as [Value, Value];
  const g = geometryOf(x, dy, kernelOf(node), node.attrs as Conv2dAttrs);
  if (isDepthwise(g)) depthwiseWeightGradient(node, g, lowering);
  else emitWeightGradient(lowering, g, ptr(lowering.of(x)), ptr(lowering.of(dy)), ptr(lowering.of(node)));
}

function kernelOf(w: Value): readonly [number, number] {
  const [, , kernelH, kernelW] = shapeOf(w) as [number, number, number, number];
  return [kernelH, kernelW];
}

/** Input pixels of each phase (h mod SH, w mod SW). */
function phaseSizes({ n, h, w, stride }: Geometry): number[] {
  const rows = Array.from({ length: stride[0] }, (_, phase) => ceilDiv(Math.max(0, h - phase), stride[0]));
  const columns = Array.from({ length: stride[1] }, (_, phase) => ceilDiv(Math.max(0, w - phase), stride[1]));
  return rows.flatMap((height) => columns.map((width) => n * height * width));
}

function lowerForward(node: Value, lowering: Lowering, epilogue: Epilogue, target = node): void {
  const [x, w] = node.inputs as [Value, Value];
  const g = geometryOf(x, node, kernelOf(w), node.attrs as Conv2dAttrs);
  const y = ptr(lowering.of(target));
  const source = lowering.of(w);
  if (isDepthwise(g)) {
    const weights = packDepthwise(lowering, w, g, false);
    return emitDepthwise(lowering, g, ptr(lowering.of(x)), weights, y, epilogue);
  }
  const outs = g.o / g.groups;
  const depth = (g.kernel[0] * g.kernel[1] * g.c) / g.groups;
  const panels = derived(lowering, w, `rows ${g.groups}`, panelBytes(outs, depth, g.groups), (target) =>
    packPanels(lowering, source, target, {
      columns: outs,
      depth,
      rowStride: depth,
      depthStride: 1,
      groups: g.groups,
      groupStride: outs * depth,
    }),
  );
  const rows = g.n * g.oh * g.ow;
  if (isPointwise(g))
    return emitGemm(lowering, {
      x: ptr(lowering.of(x)),
      panels: ptr(panels),
      y,
      rows,
      depth,
      columns: outs,
      ...epilogue,
    });
  const { rowBlock, panelBlock } = productBlocks(rows, depth, ceilDiv(outs, 8));
  lowering.emit(
    "convolution",
    ceilDiv(rows, rowBlock) * ceilDiv(ceilDiv(outs, 8), panelBlock),
    [
      ptr(lowering.of(x)),
      ptr(panels),
      y,
      epilogue.bias ? ptr(epilogue.bias) : nullPointer,
      epilogue.residual ? ptr(epilogue.residual) : nullPointer,
      ...geometryArgs(g),
      i32(activationCode(epilogue.activation)),
      f32(epilogue.slope),
      i32(rowBlock),
      i32(panelBlock),
    ],
    rowBlock * depth * 4 + 64,
  );
}

/** dw[o][tap][c] = Σ_p dy[p][o] x[tap of p][c], in partial sums over fixed groups of pixels. */
function emitWeightGradient(lowering: Lowering, g: Geometry, x: Arg, dy: Arg, dw: Arg): void {
  const rows = g.n * g.oh * g.ow;
  const outs = g.o / g.groups;
  const run = (g.kernel[1] * g.c) / g.groups;
  emitGemmTransposed(lowering, {
    x,
    dy,
    dw,
    geometry: geometryArgs(g),
    rows,
    outs,
    groups: g.groups,
    run,
    depth: run * g.kernel[0],
  });
}

function packDepthwise(lowering: Lowering, w: Value, g: Geometry, flip: boolean): Storage {
  const taps = g.kernel[0] * g.kernel[1];
  const source = lowering.of(w);
  return derived(lowering, w, flip ? "channels flipped" : "channels", ceilDiv(g.c, 4) * taps * 16, (target) =>
    lowering.emit("packDepthwise", ceilDiv(g.c, 4), [
      ptr(source),
      ptr(target),
      i32(g.c),
      i32(taps),
      i32(flip ? 1 : 0),
    ]),
  );
}

function emitDepthwise(
  lowering: Lowering,
  g: Geometry,
  x: Arg,
  weights: Storage,
  y: Arg,
  epilogue: Epilogue,
): void {
  const rows = g.n * g.oh;
  const rowBlock = depthwiseRowBlock(rows, g.ow * g.c * g.kernel[0] * g.kernel[1], g.c);
  lowering.emit(
    "depthwise",
    ceilDiv(rows, rowBlock),
    [
      x,
      ptr(weights),
      y,
      epilogue.bias ? ptr(epilogue.bias) : nullPointer,
      ...geometryArgs(g),
      i32(activationCode(epilogue.activation)),
      f32(epilogue.slope),
      i32(rowBlock),
    ],
    depthwiseScratch(g, rowBlock),
  );
}

function depthwiseInputGradient(node: Value, g: Geometry, lowering: Lowering): void {
  const [dy, w] = node.inputs as [Value, Value];
  const dx = ptr(lowering.of(node));
  if (g.stride[0] === 1 && g.stride[1] === 1) {
    const weights = packDepthwise(lowering, w, g, true);
    return emitDepthwise(lowering, flippedGeometry(g), ptr(lowering.of(dy)), weights, dx, plain);
  }
  const weights = packDepthwise(lowering, w, g, false);
  const rows = g.n * g.h;
  const taps = (g.kernel[0] * g.kernel[1]) / (g.stride[0] * g.stride[1]);
  const rowBlock = depthwiseRowBlock(rows, g.w * g.c * taps, 1);
  lowering.emit("depthwiseInputGradient", ceilDiv(rows, rowBlock), [
    ptr(lowering.of(dy)),
    ptr(weights),
    dx,
    ...geometryArgs(g),
    i32(rowBlock),
  ]);
}

function depthwiseWeightGradient(node: Value, g: Geometry, lowering: Lowering): void {
  const [x, dy] = node.inputs as [Value, Value];
  const rows = g.n * g.oh;
  const taps = g.kernel[0] * g.kernel[1];
  const groupRows = depthwiseGroupRows(rows);
  const groups = ceilDiv(rows, groupRows);
  const partials = lowering.temporary(groups * ceilDiv(g.c, 4) * taps * 16);
  lowering.emit(
    "depthwiseWeightGradient",
    groups,
    [ptr(lowering.of(x)), ptr(lowering.of(dy)), ptr(partials), ...geometryArgs(g), i32(groupRows)],
    depthwiseScratch(g, 4),
  );
  lowering.emit("depthwiseWeightSum", ceilDiv(g.c, 4), [
    ptr(partials),
    ptr(lowering.of(node)),
    i32(groups),
    i32(g.c),
    i32(taps),
    i32(0),
  ]);
}
