// A case as a TensorFlow.js graph model, as tensorflowjs_converter would write it from a frozen graph: NHWC, biases and
// activations fused into the convolutions and products.

const text = (value) => ({ s: Buffer.from(value).toString("base64") });
const ints = (values) => ({ list: { i: values.map(String) } });
const float = { type: "DT_FLOAT" };
const tfNames = { relu: "Relu", relu6: "Relu6", add: "AddV2", mul: "Mul" };

/** { modelTopology, weightSpecs, weightData } for tf.io.fromMemory. */
export function tfjsGraph({ nodes, output, tensors, data }) {
  const topology = [];
  const weights = [];
  const emit = (name, op, input, attr = {}) => {
    topology.push({ name, op, input, attr: { T: float, ...attr } });
    return name;
  };
  const constant = (name, shape, values, dtype = "float32") => {
    if (!weights.some((weight) => weight.name === name)) {
      weights.push({ name, shape, dtype, data: values });
      topology.push({ name, op: "Const", input: [], attr: { dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } } });
    }
    return name;
  };
  const scalar = (value) => constant(`scalar/${value}`, [], Float32Array.of(value));
  const integers = (name, values) => constant(name, [values.length], Int32Array.from(values), "int32");
  const activate = (name, x, activation) => {
    if (tfNames[activation]) return emit(name, tfNames[activation], [x]);
    const clipped = emit(`${name}/clipped`, "Relu6", [emit(`${name}/shifted`, "AddV2", [x, scalar(3)])]);
    if (activation === "hardSigmoid") return emit(name, "Mul", [clipped, scalar(1 / 6)]);
    return emit(name, "Mul", [emit(`${name}/product`, "Mul", [x, clipped]), scalar(1 / 6)]);
  };
  /** With the bias and, where TensorFlow can, the activation fused. */
  const fused = (name, op, [x, w], { bias, activation }, attr, channels) => {
    const inside = tfNames[activation];
    const ops = [text("BiasAdd").s, ...(inside ? [text(inside).s] : [])];
    const zero = () => constant(`${name}/zero`, [channels], new Float32Array(channels));
    const b = bias ? constant(bias, tensors[bias].shape, data(bias)) : zero();
    const last = activation && !inside ? `${name}/linear` : name;
    emit(last, op, [x, w, b], { ...attr, num_args: { i: "1" }, fused_ops: { list: { s: ops } }, epsilon: { f: 1e-4 } });
    if (activation && !inside) activate(name, last, activation);
  };
  for (const node of nodes) {
    const { name, op, inputs = [], shape } = node;
    const [x, w] = inputs;
    if (op === "input") {
      const [n, c, h, wide] = shape;
      emit(name, "Placeholder", [], { dtype: float, shape: { shape: { dim: [n, h, wide, c].map((size) => ({ size: String(size) })) } } });
    } else if (op === "conv2d") {
      const { stride, dilation, padding, groups } = node;
      const [o, c, kh, kw] = tensors[w].shape;
      const isDepthwise = groups > 1;
      const values = new Float32Array(data(w).length);
      // [O,C,KH,KW] to [KH,KW,C,O]; depthwise [O,1,KH,KW] to [KH,KW,O,1].
      data(w).forEach((value, i) => {
        const [tap, channel, out] = [i % (kh * kw), Math.floor(i / (kh * kw)) % c, Math.floor(i / (kh * kw * c))];
        values[isDepthwise ? tap * o + out : (tap * c + channel) * o + out] = value;
      });
      const filter = constant(w, isDepthwise ? [kh, kw, o, 1] : [kh, kw, c, o], values);
      const [top, left, bottom, right] = padding;
      const attr = {
        strides: ints([1, ...stride, 1]),
        dilations: ints([1, ...dilation, 1]),
        data_format: text("NHWC"),
        ...(padding.every((side) => side === 0)
          ? { padding: text("VALID") }
          : { padding: text("EXPLICIT"), explicit_paddings: ints([0, 0, top, bottom, left, right, 0, 0]) }),
      };
      fused(name, isDepthwise ? "FusedDepthwiseConv2dNative" : "_FusedConv2D", [x, filter], node, attr, o);
    } else if (op === "linear") {
      // [O,C] to [C,O]: with transpose_b the wasm backend forgets the bias.
      const [o, c] = tensors[w].shape;
      const values = new Float32Array(o * c);
      data(w).forEach((value, i) => (values[(i % c) * o + Math.floor(i / c)] = value));
      const attr = { transpose_a: { b: false }, transpose_b: { b: false } };
      fused(name, "_FusedMatMul", [x, constant(w, [c, o], values)], node, attr, o);
    } else if (op === "globalAveragePool") {
      emit(name, "Mean", [x, integers("axes", [1, 2])], { keep_dims: { b: true } });
    } else if (op === "flatten") {
      // Rank 4 stays NHWC: right where each map is one pixel, as it is after global pooling.
      emit(name, "Reshape", [x, integers(`${name}/shape`, shape)]);
    } else if (op === "maxPool2d") {
      const [top, left, bottom, right] = node.padding;
      const sides = constant(`${name}/sides`, [4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0), "int32");
      const padded = emit(`${name}/padded`, "PadV2", [x, sides, scalar(-1e30)]);
      emit(name, "MaxPool", [padded], {
        ksize: ints([1, ...node.kernel, 1]),
        strides: ints([1, ...node.stride, 1]),
        padding: text("VALID"),
        data_format: text("NHWC"),
      });
    } else if (op === "slice") {
      const nhwc = ([n, c, h, wide]) => [n, h, wide, c];
      emit(name, "Slice", [x, integers(`${name}/starts`, nhwc(node.starts)), integers(`${name}/sizes`, nhwc(shape))]);
    } else if (op === "add" || op === "mul") emit(name, tfNames[op], inputs);
    else if (tfNames[op] || op.startsWith("hard")) activate(name, x, op);
    else throw new Error(`TensorFlow.js graph models have no ${op} here`);
  }
  const bytes = Buffer.concat(weights.map(({ data: { buffer, byteOffset, byteLength } }) => Buffer.from(buffer, byteOffset, byteLength)));
  return {
    modelTopology: { node: topology, library: {}, versions: { producer: 1 } },
    weightSpecs: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    signature: { outputs: { [output]: { name: `${output}:0` } } },
  };
}

