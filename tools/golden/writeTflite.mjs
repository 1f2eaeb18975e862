// A TFLite file from a description: plain records of tensors and operators, options by name. Written from the format's published schema,
// apart from the library's reader, so that each checks the other.
import { Builder } from "flatbuffers";

/**
 * @typedef {{ name: string, shape: readonly number[], type?: string, data?: readonly number[], scale?: readonly number[],
 *   zero?: readonly number[], axis?: number, buffer?: number }} TensorRecord
 * @typedef {{ op: string, inputs: readonly (string | null)[], outputs: readonly string[],
 *   options?: Readonly<Record<string, number | boolean | readonly number[]>> }} OperatorRecord
 * @typedef {{ tensors: readonly TensorRecord[], operators: readonly OperatorRecord[], inputs: readonly string[],
 *   outputs: readonly string[], description?: string }} TfliteRecord
 */

/** @type {Readonly<Record<string, number>>} */
const types = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, string: 5, bool: 6, int16: 7, int8: 9 };

/** Each operator's code, the number of its options among all kinds of them (0: it has none), and these: name, field, form. */
/** @type {Readonly<Record<string, readonly [number, number, ...(readonly [string, number, "int" | "byte" | "float" | "ints"])[]]>>} */
const operators = {
  ADD: [0, 11, ["activation", 0, "byte"]],
  AVERAGE_POOL_2D: [1, 5, ...pool()],
  CONCATENATION: [2, 10, ["axis", 0, "int"], ["activation", 1, "byte"]],
  CONV_2D: [3, 1, ...window(), ["activation", 3, "byte"], ["dilationW", 4, "int"], ["dilationH", 5, "int"]],
  DEPTHWISE_CONV_2D: [
    4, 2,
    ...window(),
    ["multiplier", 3, "int"],
    ["activation", 4, "byte"],
    ["dilationW", 5, "int"],
    ["dilationH", 6, "int"],
  ],
  DEPTH_TO_SPACE: [5, 94, ["block", 0, "int"]],
  DEQUANTIZE: [6, 38],
  FULLY_CONNECTED: [9, 8, ["activation", 0, "byte"], ["format", 1, "byte"], ["keepDims", 2, "byte"]],
  L2_NORMALIZATION: [11, 12, ["activation", 0, "byte"]],
  LOGISTIC: [14, 0],
  MAX_POOL_2D: [17, 5, ...pool()],
  MUL: [18, 21, ["activation", 0, "byte"]],
  RELU: [19, 0],
  RELU_N1_TO_1: [20, 0],
  RELU6: [21, 0],
  RESHAPE: [22, 17, ["shape", 0, "ints"]],
  RESIZE_BILINEAR: [23, 15, ["alignCorners", 2, "byte"], ["halfPixel", 3, "byte"]],
  SOFTMAX: [25, 9, ["beta", 0, "float"]],
  SPACE_TO_DEPTH: [26, 19, ["block", 0, "int"]],
  TANH: [28, 0],
  CUSTOM: [32, 0],
  PAD: [34, 22],
  GATHER: [36, 23, ["axis", 0, "int"], ["batchDims", 1, "int"]],
  TRANSPOSE: [39, 26],
  MEAN: [40, 27, ["keepDims", 0, "byte"]],
  SUB: [41, 28, ["activation", 0, "byte"]],
  DIV: [42, 29, ["activation", 0, "byte"]],
  SQUEEZE: [43, 30, ["axes", 0, "ints"]],
  STRIDED_SLICE: [
    45, 32,
    ["beginMask", 0, "int"],
    ["endMask", 1, "int"],
    ["ellipsisMask", 2, "int"],
    ["newAxisMask", 3, "int"],
    ["shrinkMask", 4, "int"],
  ],
  EXP: [47, 33],
  SPLIT: [49, 35, ["parts", 0, "int"]],
  LOG_SOFTMAX: [50, 36],
  CAST: [53, 37, ["from", 0, "byte"], ["to", 1, "byte"]],
  PRELU: [54, 0],
  MAXIMUM: [55, 39],
  ARG_MAX: [56, 40, ["type", 0, "byte"]],
  MINIMUM: [57, 39],
  NEG: [59, 42],
  PADV2: [60, 43],
  SLICE: [65, 48],
  TRANSPOSE_CONV: [67, 49, ...window(), ["activation", 3, "byte"]],
  TILE: [69, 51],
  EXPAND_DIMS: [70, 52],
  SUM: [74, 27, ["keepDims", 0, "byte"]],
  SQRT: [75, 0],
  RSQRT: [76, 0],
  SHAPE: [77, 55, ["type", 0, "byte"]],
  REDUCE_MAX: [82, 27, ["keepDims", 0, "byte"]],
  PACK: [83, 59, ["count", 0, "int"], ["axis", 1, "int"]],
  UNPACK: [88, 64, ["count", 0, "int"], ["axis", 1, "int"]],
  RESIZE_NEAREST_NEIGHBOR: [97, 74, ["alignCorners", 0, "byte"], ["halfPixel", 1, "byte"]],
  LEAKY_RELU: [98, 75, ["alpha", 0, "float"]],
  SQUARED_DIFFERENCE: [99, 76],
  MIRROR_PAD: [100, 77, ["mode", 0, "byte"]],
  SPLIT_V: [102, 79, ["parts", 0, "int"]],
  ELU: [111, 0],
  QUANTIZE: [114, 89],
  HARD_SWISH: [117, 91],
  DENSIFY: [124, 0],
};

/** @returns {[string, number, "int" | "byte"][]} */
function window() {
  return [
    ["padding", 0, "byte"],
    ["strideW", 1, "int"],
    ["strideH", 2, "int"],
  ];
}

/** @returns {[string, number, "int" | "byte"][]} */
function pool() {
  return [...window(), ["kernelW", 3, "int"], ["kernelH", 4, "int"], ["activation", 5, "byte"]];
}

/** The bytes of a model. @param {TfliteRecord} record @returns {Uint8Array} */
export function writeTflite({ tensors, operators: nodes, inputs, outputs, description = "" }) {
  const b = new Builder(1024);
  const indexOf = new Map(tensors.map(({ name }, i) => [name, i]));
  /** @param {readonly (string | null)[]} names */
  const indices = (names) => ints(b, names.map((name) => (name === null ? -1 : (indexOf.get(name) ?? 1e6))));
  const kinds = [...new Set(nodes.map(({ op }) => op))];

  // Buffer 0 is empty; every tensor with numbers has one of its own.
  const held = tensors.filter(({ data }) => data !== undefined);
  const buffers = [undefined, ...held].map((tensor) => {
    const data = tensor && bytesOf(tensor);
    if (data) b.startVector(1, data.length, 16);
    for (const byte of data?.toReversed() ?? []) b.addInt8(byte);
    const vector = data ? b.endVector() : 0;
    b.startObject(1);
    if (data) b.addFieldOffset(0, vector, 0);
    return b.endObject();
  });
  const tensorTables = tensors.map((tensor) => {
    const { name, shape, type = "float32", scale, zero = [], axis = 0, buffer } = tensor;
    const quantization = scale && quantized(b, scale, zero, axis);
    const [text, dims] = [b.createString(name), ints(b, shape)];
    b.startObject(5);
    b.addFieldOffset(0, dims, 0);
    b.addFieldInt8(1, types[type] ?? 13, 0);
    b.addFieldInt32(2, buffer ?? held.indexOf(tensor) + 1, 0);
    b.addFieldOffset(3, text, 0);
    if (quantization) b.addFieldOffset(4, quantization, 0);
    return b.endObject();
  });
  const operatorTables = nodes.map(({ op, inputs: reads, outputs: makes, options = {} }) => {
    const [, kind, ...fields] = operators[op] ?? [0, 0];
    const lists = fields.map(([name, , form]) => (form === "ints" && Array.isArray(options[name]) ? ints(b, options[name]) : 0));
    b.startObject(8);
    fields.forEach(([name, field, form], i) => {
      const value = options[name];
      if (value === undefined) return;
      if (form === "ints") b.addFieldOffset(field, lists[i] ?? 0, 0);
      else if (form === "float") b.addFieldFloat32(field, Number(value), NaN);
      else if (form === "byte") b.addFieldInt8(field, Number(value), -128);
      else b.addFieldInt32(field, Number(value), -(2 ** 31));
    });
    const table = b.endObject();
    const [from, to] = [indices(reads), indices(makes)];
    b.startObject(5);
    b.addFieldInt32(0, kinds.indexOf(op), 0);
    b.addFieldOffset(1, from, 0);
    b.addFieldOffset(2, to, 0);
    b.addFieldInt8(3, kind, 0);
    if (kind > 0) b.addFieldOffset(4, table, 0);
    return b.endObject();
  });
  const codes = kinds.map((kind) => {
    const [code] = operators[kind] ?? [32];
    const custom = operators[kind] ? 0 : b.createString(kind);
    b.startObject(4);
    b.addFieldInt8(0, Math.min(code, 127), 0);
    if (custom) b.addFieldOffset(1, custom, 0);
    b.addFieldInt32(2, 1, 0);
    b.addFieldInt32(3, code, 0);
    return b.endObject();
  });
  const graphParts = [tables(b, tensorTables), indices(inputs), indices(outputs), tables(b, operatorTables)];
  b.startObject(5);
  graphParts.forEach((part, field) => b.addFieldOffset(field, part, 0));
  const graph = b.endObject();
  const modelParts = [tables(b, codes), tables(b, [graph]), b.createString(description), tables(b, buffers)];
  b.startObject(5);
  b.addFieldInt32(0, 3, 0);
  modelParts.forEach((part, i) => b.addFieldOffset(i + 1, part, 0));
  b.finish(b.endObject(), "TFL3");
  return b.asUint8Array().slice();
}

/** @param {Builder} b @param {readonly number[]} numbers */
function ints(b, numbers) {
  b.startVector(4, numbers.length, 4);
  for (const number of numbers.toReversed()) b.addInt32(number);
  return b.endVector();
}

/** @param {Builder} b @param {readonly number[]} offsets */
function tables(b, offsets) {
  b.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) b.addOffset(offset);
  return b.endVector();
}

/** @param {Builder} b @param {readonly number[]} scale @param {readonly number[]} zero @param {number} axis */
function quantized(b, scale, zero, axis) {
  b.startVector(4, scale.length, 4);
  for (const number of scale.toReversed()) b.addFloat32(number);
  const scales = b.endVector();
  b.startVector(8, zero.length, 8);
  for (const number of zero.toReversed()) b.addInt64(BigInt(number));
  const zeros = b.endVector();
  b.startObject(7);
  b.addFieldOffset(2, scales, 0);
  b.addFieldOffset(3, zeros, 0);
  b.addFieldInt32(6, axis, 0);
  return b.endObject();
}

/** @param {TensorRecord} tensor @returns {Uint8Array} */
function bytesOf({ type = "float32", data = [] }) {
  if (type === "float16") return new Uint8Array(Uint16Array.from(data, halfOf).buffer);
  if (type === "int64") return new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
  const arrays = { float32: Float32Array, int32: Int32Array, int16: Int16Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array };
  return new Uint8Array(arrays[/** @type {keyof typeof arrays} */ (type)].from(data).buffer);
}

/** The bits of a number that float16 holds exactly and as a normal one. @param {number} value */
function halfOf(value) {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}
