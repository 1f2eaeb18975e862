// ONNX's quantised operators, computed on the whole numbers they hold: exact in float64, and in float32 while sums stay below 2^24.
import { normalizeAxis } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import {
  add,
  div,
  elementary,
  maximum,
  minimum,
  mul,
  reduceMax,
  reshape,
  sub,
  affine,
} from "../ops/index.ts";
import type { ElementType } from "./elementTypes.ts";
import { matrixProduct } from "./importArithmetic.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";
import { convolved } from "./importSpatial.ts";

const ranges: Partial<Record<ElementType, readonly [least: number, most: number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

export const importQuantized: Readonly<Record<string, ImportRule>> = {
  QuantizeLinear(site) {
    const x = site.value(0);
    const type = site.has(2) ? site.type(2) : (outputType(site) ?? "uint8");
    expectWholeBlocks(site);
    const scaled = site.apply(div, [x, alongAxis(site, x, site.value(1))]);
    const zero = site.has(2) ? alongAxis(site, x, site.value(2)) : undefined;
    return quantized(site, scaled, zero, type);
  },
  DequantizeLinear(site) {
    const x = site.value(0);
    expectWholeBlocks(site);
    const centred = site.has(2) ? site.apply(sub, [x, alongAxis(site, x, site.value(2))]) : x;
    return site.typed(site.apply(mul, [centred, alongAxis(site, x, site.value(1))]), site.type(1));
  },
  DynamicQuantizeLinear(site) {
    const x = site.value(0);
    const zero = site.constant([], [0]);
    const most = site.apply(maximum, [site.apply(reduceMax, [x]), zero]);
    const negated = site.apply(affine, [x], { scale: -1 });
    const least = site.apply(affine, [site.apply(maximum, [site.apply(reduceMax, [negated]), zero])], {
      scale: -1,
    });
    const scale = site.apply(affine, [site.apply(sub, [most, least])], { scale: 1 / 255 });
    const start = site.apply(div, [site.apply(affine, [least], { scale: -1 }), scale]);
    const zeroPoint = quantized(site, start, undefined, "uint8");
    const y = quantized(site, site.apply(div, [x, scale]), zeroPoint.value, "uint8");
    return [y, scale, zeroPoint];
  },
  QLinearConv(site) {
    const [x, w] = [centredAt(site, 0, 2), centredAt(site, 3, 5, 0)];
    const sums = convolved(site, x, w, site.has(8) ? site.value(8) : undefined);
    const factor = site.apply(div, [site.apply(mul, [site.value(1), site.value(4)]), site.value(6)]);
    const scaled = site.apply(mul, [sums, perOutput(site, sums, factor)]);
    return quantized(site, scaled, site.value(7), site.type(7));
  },
  ConvInteger(site) {
    const x = site.has(2) ? centredAt(site, 0, 2) : site.value(0);
    const w = site.has(3) ? centredAt(site, 1, 3, 0) : site.value(1);
    return site.typed(convolved(site, x, w, undefined), "int32");
  },
  QLinearMatMul(site) {
    const [a, b] = [rowCentred(site, 0, 2), columnCentred(site, 3, 5)];
    const factor = site.apply(div, [site.apply(mul, [site.value(1), site.value(4)]), site.value(6)]);
    const scaled = site.apply(mul, [matrixProduct(site, a, b), factor]);
    return quantized(site, scaled, site.value(7), site.type(7));
  },
  MatMulInteger(site) {
    const a = site.has(2) ? rowCentred(site, 0, 2) : site.value(0);
    const b = site.has(3) ? columnCentred(site, 1, 3) : site.value(1);
    return site.typed(matrixProduct(site, a, b), "int32");
  },
};

function outputType(site: ImportSite): ElementType | undefined {
  const types: Readonly<Record<number, ElementType>> = { 2: "uint8", 3: "int8", 4: "uint16", 5: "int16" };
  return types[site.int("output_dtype", 0)];
}

function expectWholeBlocks(site: ImportSite): void {
  if (site.int("block_size", 0) !== 0) site.refuse("it is quantised in blocks, which sabok does not import");
}

/** round(x) + zero, held in the range of the type. */
function quantized(
  site: ImportSite,
  scaled: Value,
  zero: Value | undefined,
  type: ElementType,
): { kind: "value"; value: Value; type: ElementType } {
  const range = ranges[type] ?? site.refuse(`it quantises to ${type}; sabok knows 8 and 16 bits`);
  const rounded = site.apply(elementary, [scaled], { function: "round" });
  const moved = zero ? site.apply(add, [rounded, zero]) : rounded;
  const raised = site.apply(maximum, [moved, site.constant([], [range[0]])]);
  return { kind: "value", value: site.apply(minimum, [raised, site.constant([], [range[1]])]), type };
}

/** A scale or zero point of one number, or one a part along the node's axis, as a value that broadcasts over x. */
function alongAxis(site: ImportSite, x: Value, factor: Value): Value {
  const [length] = shapeOf(factor);
  if (length === undefined) return factor;
  if (length === 1 && shapeOf(factor).length === 1) return site.apply(reshape, [factor], { shape: [] });
  const axis = normalizeAxis(site.int("axis", 1), shapeOf(x).length, site.where);
  return site.apply(reshape, [factor], { shape: shapeOf(x).map((_, i) => (i === axis ? length : 1)) });
}

/** An operand less its zero point, which may be one a part along an axis. */
function centredAt(site: ImportSite, position: number, zeroPosition: number, axis = 1): Value {
  const [x, zero] = [site.value(position), site.value(zeroPosition)];
  const [length] = shapeOf(zero);
  if (length === undefined) return site.apply(sub, [x, zero]);
  const shape = length === 1 ? [] : shapeOf(x).map((_, i) => (i === axis ? length : 1));
  return site.apply(sub, [x, site.apply(reshape, [zero], { shape })]);
}

/** A factor of one number an output channel over maps. */
function perOutput(site: ImportSite, y: Value, factor: Value): Value {
  const [length] = shapeOf(factor);
  if (length === undefined) return factor;
  return site.apply(reshape, [factor], {
    shape:
      length === 1
        ? []
        : [
            length,
            ...shapeOf(y)
              .slice(2)
              .map(() => 1),
          ],
  });
}

function rowCentred(site: ImportSite, position: number, zeroPosition: number): Value {
  const [a, zero] = [site.value(position), site.value(zeroPosition)];
  const isPerRow = shapeOf(zero).length === 1 && shapeOf(zero)[0]! > 1;
  return site.apply(sub, [a, isPerRow ? site.apply(reshape, [zero], { shape: [-1, 1] }) : zero]);
}

function columnCentred(site: ImportSite, position: number, zeroPosition: number): Value {
  return site.apply(sub, [site.value(position), site.value(zeroPosition)]);
}
