// What the convolution lowerings share: the sixteen numbers every convolution kernel takes, and weights in packed form.
import { isState, shapeOf, type Value } from "../../graph/index.ts";
import { activationNames, type Activation } from "../../ops/activation.ts";
import type { Conv2dAttrs } from "../../ops/convolution.ts";
import { i32, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";

/** A forward convolution x [N,C,H,W], w [O,C/groups,KH,KW] to y [N,O,OH,OW], whichever of the three is computed. */
export interface Geometry {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly oh: number;
  readonly ow: number;
  readonly o: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
  readonly groups: number;
}

export function geometryOf(
  x: Value,
  y: Value,
  kernel: readonly [number, number],
  attrs: Conv2dAttrs,
): Geometry {
  const [n, c, h, w] = shapeOf(x) as [number, number, number, number];
  const [, o, oh, ow] = shapeOf(y) as [number, number, number, number];
  const { stride, dilation, groups } = attrs;
  return {
    n,
    h,
    w,
    c,
    oh,
    ow,
    o,
    kernel,
    stride,
    dilation,
    padTop: attrs.padding[0],
    padLeft: attrs.padding[1],
    groups,
  };
}

/** The geometry slots of a kernel's record, in the order of packages/kernels/assembly/strips.ts. */
export function geometryArgs(g: Geometry): Arg[] {
  return [
    g.n,
    g.h,
    g.w,
    g.c,
    g.oh,
    g.ow,
    g.o,
    ...g.kernel,
    ...g.stride,
    ...g.dilation,
    g.padTop,
    g.padLeft,
    g.groups,
  ].map(i32);
}

export function isDepthwise({ c, o, groups }: Geometry): boolean {
  return groups === c && groups === o;
}

/** A convolution that is a product of pixels and weights. */
export function isPointwise({ kernel, stride, padTop, padLeft, groups, h, w, oh, ow }: Geometry): boolean {
  const one = (pair: readonly [number, number]): boolean => pair[0] === 1 && pair[1] === 1;
  return groups === 1 && one(kernel) && one(stride) && padTop === 0 && padLeft === 0 && h === oh && w === ow;
}

/** The stride-1 convolution of dy that is the input gradient of a stride-1 convolution, with its kernel flipped. */
export function flippedGeometry(g: Geometry): Geometry {
  return {
    ...g,
    h: g.oh,
    w: g.ow,
    c: g.o,
    oh: g.h,
    ow: g.w,
    o: g.c,
    padTop: g.dilation[0] * (g.kernel[0] - 1) - g.padTop,
    padLeft: g.dilation[1] * (g.kernel[1] - 1) - g.padLeft,
  };
}

/** The codes of packages/kernels/assembly/codes.ts. */
export function activationCode(activation: Activation): number {
  return activation === "none" ? 0 : activationNames.indexOf(activation) + 1;
}

/** A derived form of a weight: shared and kept where the weight is state or constant, else made on the spot. */
export function derived(
  lowering: Lowering,
  weight: Value,
  key: string,
  bytes: number,
  emit: (target: Storage) => void,
): Storage {
  if (isState(weight) || weight.op === "constant") return lowering.packed(weight, key, bytes, emit);
  const target = lowering.temporary(bytes);
  emit(target);
  return target;
}

/** Panels of 8 columns of a strided [M][K] matrix in `source`, or of several such matrices one after another. */
export function packPanels(
  lowering: Lowering,
  source: Storage,
  target: Storage,
  matrix: {
    readonly columns: number;
    readonly depth: number;
    readonly rowStride: number;
    readonly depthStride: number;
    readonly groups?: number;
    readonly groupStride?: number;
    readonly offset?: number;
  },
): void {
  const { columns, depth, rowStride, depthStride, groups = 1, groupStride = 0, offset = 0 } = matrix;
  const sizes = [groups, columns, depth, groupStride, rowStride, depthStride].map(i32);
  lowering.emit("packPanels", groups * Math.ceil(columns / 8), [
    ptr(source, offset * 4),
    ptr(target),
    ...sizes,
  ]);
}

/** Bytes of packed panels. */
export function panelBytes(columns: number, depth: number, groups = 1): number {
  return groups * Math.ceil(columns / 8) * depth * 32;
}
