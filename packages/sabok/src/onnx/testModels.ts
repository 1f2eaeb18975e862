// What the tests of this room share: graphs, ways to compare and damage them, and ONNX Runtime, which each test hands in.
import { Random, SabokError, hashName, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";
import {
  GraphBuilder,
  type Graph,
  type Initializer,
  type Operator,
  type Sample,
  type Value,
} from "../graph/index.ts";
import {
  add,
  affine,
  batchNorm,
  biasAdd,
  conv2d,
  flatten,
  globalAveragePool,
  hardSwish,
  linear,
  maxPool2d,
  mul,
  sigmoid,
  softmax,
} from "../ops/index.ts";

/** A graph with the tensors its inputs and states take. */
export interface TestModel {
  readonly graph: Graph;
  readonly feeds: Record<string, Tensor>;
  readonly weights: Map<string, Tensor>;
}

/** Numbers that float32 holds exactly, so that ONNX Runtime and the float64 reference begin alike. */
export function draw(shape: Shape, random: Random): Tensor {
  return tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal())),
  );
}

/**
 * One graph of many samples of an operator: sample i has inputs "i.0", "i.1", … and output "yi".
 * With `asStates` every operand but the first is a parameter.
 */
export function sampleModel(
  spec: Operator,
  samples: readonly Sample<object, number>[],
  asStates = false,
): TestModel {
  const g = new GraphBuilder();
  const feeds: Record<string, Tensor> = {};
  const weights = new Map<string, Tensor>();
  const outputs = samples.map(({ inputs, attrs = {} }, i) => {
    const random = new Random(hashName(spec.name) + i);
    const values = inputs.map((input, k) => {
      const data =
        "data" in input
          ? tensor(input.shape, Float64Array.from(input.data, Math.fround))
          : draw(input, random);
      const name = `${i}.${k}`;
      if (asStates && k > 0) {
        weights.set(name, data);
        return g.parameter(name, data.shape, { kind: "constant", value: 0 });
      }
      feeds[name] = data;
      return g.input(name, data.shape);
    });
    return [`y${i}`, g.at(`sample${i}`, () => g.apply(spec, values, attrs))] as const;
  });
  return { graph: g.finish(Object.fromEntries(outputs)), feeds, weights };
}

interface RuntimeTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

interface RuntimeSession {
  run(feeds: object): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** As much of onnxruntime-web as tests use. */
export interface Runtime {
  readonly env: { readonly wasm: { numThreads?: number } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: { readonly logSeverityLevel: 3 }): Promise<RuntimeSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => RuntimeTensor;
}

/** The outputs of a model in ONNX Runtime. */
export async function runOnnx(
  { env, InferenceSession, Tensor }: Runtime,
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const inputs = Object.entries(feeds).map(
    ([name, { shape, data }]) => [name, new Tensor("float32", Float32Array.from(data), shape)] as const,
  );
  const outputs = await session.run(Object.fromEntries(inputs));
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [name, tensor(dims, data as Float32Array)]),
  );
}

/** The largest difference, relative to the largest expected number (at least 1). */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  let [largest, worst] = [1, 0];
  for (let i = 0; i < expected.data.length; i++) largest = Math.max(largest, Math.abs(expected.data[i]!));
  for (let i = 0; i < expected.data.length; i++) {
    const [got, wanted] = [actual.data[i]!, expected.data[i]!];
    const difference = Object.is(got, wanted) ? 0 : Math.abs(got - wanted) / largest;
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}

/**
 * What a value is computed from as text, for comparing: values numbered as it reaches them, numbers rounded to float32, shapes that may be
 * given as -1 resolved, initial values left out.
 */
export function outline(end: Value): string {
  const numbers = new Map<Value, number>();
  const lines: string[] = [];
  const visit = (value: Value): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    const operands = value.inputs.map(visit);
    const number = numbers.size;
    numbers.set(value, number);
    lines.push(
      `%${number} = ${value.op}(${operands.join()}) ${JSON.stringify(comparable(value))} [${value.type.shape.join()}] ${value.name}`,
    );
    return number;
  };
  visit(end);
  return lines.join("\n");
}

function comparable({ op, attrs, type }: Value): Record<string, unknown> {
  const resolved: Record<string, unknown> = { ...attrs };
  if (op === "parameter" || op === "buffer") return {};
  if (op === "reshape") resolved["shape"] = type.shape;
  if (op === "slice") resolved["sizes"] = type.shape;
  if (op.startsWith("roiAlign") && "samplingRatio" in attrs)
    resolved["samplingRatio"] = Math.max(attrs["samplingRatio"] as number, 0);
  return JSON.parse(
    JSON.stringify(resolved, (_, attr: unknown) => (typeof attr === "number" ? Math.fround(attr) : attr)),
  ) as Record<string, unknown>;
}

/** A small network with something of everything a file holds: weights, running statistics, constants, shapes, metadata. */
export function smallModel(): TestModel {
  const g = new GraphBuilder();
  const random = new Random(11);
  const weights = new Map<string, Tensor>();
  const state = (kind: "parameter" | "buffer", name: string, shape: Shape, init: Initializer): Value => {
    const data = draw(shape, random);
    weights.set(name, {
      shape,
      data: Float32Array.from(data.data, (x) => (name.endsWith("var") ? Math.abs(x) + 0.5 : x)),
    });
    return g[kind](name, shape, init);
  };
  const zero: Initializer = { kind: "constant", value: 0 };
  const image = g.input("image", [2, 3, 9, 8]);
  const conv = g.at("stem.conv", () =>
    g.apply(
      conv2d,
      [
        image,
        g.at("", () => state("parameter", "stem.conv.weight", [6, 3, 3, 3], { kind: "normal", std: 0.1 })),
      ],
      { stride: [2, 2], padding: [1, 1, 1, 0] },
    ),
  );
  const bias = g.at("stem.conv", () =>
    g.apply(biasAdd, [conv, g.at("", () => state("parameter", "stem.conv.bias", [6], zero))]),
  );
  const statistics = ["running_mean", "running_var"].map((name) =>
    state("buffer", `stem.bn.${name}`, [6], zero),
  ) as [Value, Value];
  const [scale, offset] = ["weight", "bias"].map((name) =>
    state("parameter", `stem.bn.${name}`, [6], { kind: "uniform", bound: 1 }),
  ) as [Value, Value];
  const norm = g.at("stem.bn", () =>
    g.apply(batchNorm, [bias, scale, offset, ...statistics], { epsilon: 1e-3 }),
  );
  const active = g.at("stem.act", () => g.apply(hardSwish, [norm]));
  const gate = g.at("gate", () => g.apply(sigmoid, [g.apply(globalAveragePool, [active])]));
  const gated = g.at("gate", () => g.apply(mul, [active, gate]));
  const pooled = g.at("pool", () => g.apply(maxPool2d, [gated], { kernel: [2, 2], padding: [0, 1, 0, 0] }));
  const shift = g.at("shift", () =>
    g.constant(tensor([6, 1, 1], Float32Array.from([1, -2, 0.5, 0, 3, 1e-3]))),
  );
  const flat = g.at("flat", () =>
    g.apply(flatten, [g.apply(affine, [g.apply(add, [pooled, shift])], { scale: 0.5, offset: 1 })]),
  );
  const size = flat.type.shape[1]!;
  const logits = g.at("head", () =>
    g.apply(linear, [flat, g.at("", () => state("parameter", "head.weight", [4, size], zero))]),
  );
  const graph = g.finish({ logits, probabilities: g.at("softmax", () => g.apply(softmax, [logits])) });
  return { graph, weights, feeds: { image: draw([2, 3, 9, 8], random) } };
}

/**
 * Hands a reader every prefix of a file, sparsely beyond the first kilobyte, and copies with a few bytes changed.
 * Returns what it threw that is not a SabokError.
 */
export function fuzz(
  file: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  mutations: number,
  change = (_: number, random: Random): number => random.integer(256),
): string[] {
  const random = new Random(file.length);
  const wrong: string[] = [];
  const attempt = (bytes: Uint8Array, what: string): void => {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof SabokError))
        wrong.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  };
  for (
    let length = 0;
    length < file.length;
    length += length < 1024 ? 1 : 1 + random.integer(file.length >> 6)
  )
    attempt(file.slice(0, length), `the first ${length} bytes`);
  for (let i = 0; i < mutations; i++) {
    const bytes = file.slice();
    for (let k = random.integer(4); k >= 0; k--) {
      const at = random.integer(bytes.length);
      bytes[at] = change(bytes[at]!, random);
    }
    attempt(bytes, `mutation ${i}`);
  }
  return wrong;
}
