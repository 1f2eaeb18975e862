// ONNX's operators that make tensors, tell their shapes and types, and take parts by index.
import { normalizeAxis, sizeOf, type Shape } from "../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../graph/index.ts";
import { affine, compare, elementary, gather, gatherElements, mul, reshape, select } from "../ops/index.ts";
import type { ElementType } from "./elementTypes.ts";
import { importEinsum } from "./importEinsum.ts";
import type { ImportRule, ImportSite, ImportedTensor } from "./importSite.ts";
import { dataTypeName, elementTypeOf, type StoredTensor } from "./tensorProto.ts";

/** The most numbers that a tensor made of nothing may have. */
const largest = 1 << 26;

/** Operators whose results are whole already. */
const wholeResults: ReadonlySet<string> = new Set(["argMax", "topKIndices", "compare", "nonMaxSuppression"]);

export const importTensors: Readonly<Record<string, ImportRule>> = {
  Identity: (site) => site.operand(0),
  Dropout(site) {
    const ratio = site.opset >= 12 ? (site.number(1) ?? 0.5) : 0;
    if (site.opset >= 12 && site.has(2) && site.number(2) && ratio > 0)
      site.refuse("it is in training mode, where it draws random numbers that no two programs share");
    const shape = shapeOf(site.value(0));
    const needsMask = (site.node.output[1] ?? "") !== "";
    if (needsMask) site.expectFeasible(sizeOf(shape));
    const mask = (): ImportedTensor => site.numbersOf(shape, new Float64Array(sizeOf(shape)).fill(1), "bool");
    return needsMask ? [site.operand(0), mask()] : site.operand(0);
  },
  Cast: (site) => cast(site, typeNamed(site, site.int("to", 1))),
  CastLike: (site) => cast(site, site.type(1)),
  Constant(site) {
    const numbers = (list: readonly number[], shape: Shape, type: ElementType): StoredTensor => ({
      shape,
      data: type === "int64" ? Float64Array.from(list) : Float32Array.from(list),
      type,
    });
    const many = site.floats("value_floats");
    const whole = site.ints("value_ints");
    let tensor = site.tensor("value");
    if (site.hasAttribute("value_float")) tensor = numbers([site.float("value_float", 0)], [], "float32");
    else if (site.hasAttribute("value_int")) tensor = numbers([site.int("value_int", 0)], [], "int64");
    else if (many && site.hasAttribute("value_floats")) tensor = numbers(many, [many.length], "float32");
    else if (whole && site.hasAttribute("value_ints")) tensor = numbers(whole, [whole.length], "int64");
    return {
      kind: "stored",
      name: site.node.output[0]!,
      tensor: tensor ?? site.refuse("it holds no numbers"),
      as: "constant",
    };
  },
  ConstantOfShape(site) {
    const shape = site.numbers(0) ?? site.refuse("it has no shape");
    const { data, type } = site.tensor("value") ?? { data: [0], type: "float32" as const };
    return filled(site, shape, data[0] ?? 0, type);
  },
  Shape(site) {
    const shape = shapeOf(site.value(0));
    const end = site.hasAttribute("end") ? site.int("end", 0) : undefined;
    const part = shape.slice(site.int("start", 0), end);
    return site.numbersOf([part.length], Float64Array.from(part), "int64");
  },
  Size: (site) => site.numbersOf([], Float64Array.of(sizeOf(shapeOf(site.value(0)))), "int64"),
  Range(site) {
    const [start, limit, delta] = [0, 1, 2].map((position) => site.numbers(position)![0]!) as [
      number,
      number,
      number,
    ];
    const count = Math.max(Math.ceil((limit - start) / delta), 0);
    if (!(count <= largest)) site.refuse(`it has ${count} numbers`);
    const numbers = Float64Array.from({ length: count }, (_, i) => start + i * delta);
    return site.numbersOf([count], numbers, site.type(0));
  },
  EyeLike(site) {
    const [rows, columns] = shapeOf(site.value(0)) as [number, number];
    const type = site.hasAttribute("dtype") ? typeNamed(site, site.int("dtype", 1)) : site.type(0);
    const k = site.int("k", 0);
    site.expectFeasible(rows * columns);
    const numbers = Float64Array.from({ length: rows * columns }, (_, i) =>
      (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
    );
    return site.numbersOf([rows, columns], numbers, type);
  },
  Trilu(site) {
    const x = site.value(0);
    const [rows, columns] = shapeOf(x).slice(-2) as [number, number];
    const k = site.has(1) ? site.number(1)! : 0;
    site.expectFeasible(rows * columns);
    const isUpper = site.int("upper", 1) !== 0;
    const mask = Array.from({ length: rows * columns }, (_, i) => {
      const distance = (i % columns) - Math.floor(i / columns);
      return (isUpper ? distance >= k : distance <= k) ? 1 : 0;
    });
    if (sizeOf(shapeOf(x)) === 0) return site.operand(0);
    return site.apply(mul, [x, site.constant([rows, columns], mask)]);
  },

  Gather: (site) => site.apply(gather, [site.value(0), site.indices(1)], { axis: site.int("axis", 0) }),
  GatherElements: (site) =>
    site.apply(gatherElements, [site.value(0), site.indices(1)], { axis: site.int("axis", 0) }),
  OneHot(site) {
    const indices = site.value(0);
    const depth = site.number(1) ?? site.refuse("it has no depth");
    const rank = shapeOf(indices).length + 1;
    const axis = normalizeAxis(site.int("axis", -1), rank, site.where);
    if (!(depth >= 1 && depth <= largest)) site.refuse(`its depth is ${depth}`);
    const places = site.constant(
      Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1)),
      Array.from({ length: depth }, (_, i) => i),
    );
    const [off, on] = site.numbers(2) as [number, number];
    const column = withAxis(site, indices, axis);
    const negative = site.apply(affine, [places], { offset: -depth });
    const isAt = site.apply(compare, [column, places]);
    const isAtNegative = site.apply(compare, [column, negative]);
    const [one, zero] = [site.constant([], [on]), site.constant([], [off])];
    const hot = site.apply(select, [isAt, one, site.apply(select, [isAtNegative, one, zero])]);
    return site.typed(hot, site.type(2));
  },
  Einsum: importEinsum,
};

function filled(site: ImportSite, shape: Shape, number: number, type: ElementType): ImportedTensor {
  const size = sizeOf(shape);
  if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0) || !(size <= largest))
    site.refuse(`its shape is [${shape}]`);
  return site.numbersOf(shape, new Float64Array(size).fill(number), type);
}

function typeNamed(site: ImportSite, dataType: number): ElementType {
  return (
    elementTypeOf(dataType) ??
    site.refuse(`it casts to ${dataTypeName(dataType)}, which is none of plain numbers`)
  );
}

function cast(site: ImportSite, to: ElementType): ImportedTensor {
  const operand = site.operand(0);
  const from = site.type(0);
  const isWhole = !to.includes("float");
  const needsRounding = isWhole && from.includes("float");
  const isState = operand.kind === "stored" && (operand.as === "parameter" || operand.as === "buffer");
  if (operand.kind === "stored" && !isState && to !== "bool") {
    const { shape, data } = operand.tensor;
    const numbers = needsRounding ? data.map(Math.trunc) : data;
    if (!needsRounding && to.includes("float") === from.includes("float"))
      return { ...operand, tensor: { shape, data: numbers, type: to } };
    return { kind: "stored", name: operand.name, tensor: { shape, data: numbers, type: to }, as: "constant" };
  }
  const x = site.value(0);
  if (to === "bool" && from !== "bool")
    return site.typed(site.apply(compare, [x, site.constant([], [0])], { relation: "notEqual" }), to);
  return site.typed(
    needsRounding && !isRounded(x) ? site.apply(elementary, [x], { function: "truncate" }) : x,
    to,
  );
}

function isRounded(x: Value): boolean {
  if (wholeResults.has(x.op)) return true;
  return (
    x.op === elementary.name &&
    ["truncate", "floor", "ceil", "round", "sign"].includes(attributesOf(x, elementary).function)
  );
}

/** x with an axis of length 1 put in. */
function withAxis(site: ImportSite, x: Value, axis: number): Value {
  const shape = [...shapeOf(x)];
  shape.splice(axis, 0, 1);
  return site.apply(reshape, [x], { shape });
}
