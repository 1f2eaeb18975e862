// What the tests of this room share: graphs made of operators' own samples, and ONNX Runtime.
import * as ort from "onnxruntime-web";
import { Random, hashName, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, type Graph, type Operator, type Sample, type Value } from "../graph/index.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** A graph with the tensors its inputs and states take. */
export interface TestModel {
  readonly graph: Graph;
  readonly feeds: Record<string, Tensor>;
  readonly weights: Map<string, Tensor>;
}

/** Numbers that float32 holds exactly, so that ONNX Runtime and the float64 reference begin alike. */
export function draw(shape: Shape, random: Random): Tensor {
  return tensor(shape, Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal())));
}

/**
 * One graph of many samples of an operator: sample i has inputs "i.0", "i.1", … and output "yi".
 * With `asStates` every operand but the first is a parameter.
 */
export function sampleModel(spec: Operator, samples: readonly Sample<object, number>[], asStates = false): TestModel {
  const g = new GraphBuilder();
  const feeds: Record<string, Tensor> = {};
  const weights = new Map<string, Tensor>();
  const outputs = samples.map(({ inputs, attrs = {} }, i) => {
    const random = new Random(hashName(spec.name) + i);
    const values = inputs.map((input, k) => {
      const data = "data" in input ? tensor(input.shape, Float64Array.from(input.data, Math.fround)) : draw(input, random);
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

/** The outputs of a model in ONNX Runtime. */
export async function runOnnx(model: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: "all" });
  const inputs = Object.entries(feeds).map(([name, { shape, data }]) => [name, new ort.Tensor("float32", Float32Array.from(data), shape)] as const);
  const outputs = await session.run(Object.fromEntries(inputs));
  await session.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, { shape: output.dims, data: output.data as Float32Array }]));
}

/** The largest difference, relative to the largest expected number (at least 1). */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  let [largest, worst] = [1, 0];
  for (const x of expected.data) largest = Math.max(largest, Math.abs(x));
  for (const [i, x] of expected.data.entries()) {
    const difference = Object.is(x, actual.data[i]) ? 0 : Math.abs(x - actual.data[i]!) / largest;
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
    lines.push(`%${number} = ${value.op}(${operands.join()}) ${JSON.stringify(comparable(value))} [${value.type.shape.join()}] ${value.name}`);
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
  if (op === "roiAlign") resolved["samplingRatio"] = Math.max(attrs["samplingRatio"] as number, 0);
  return JSON.parse(JSON.stringify(resolved, (_, attr: unknown) => (typeof attr === "number" ? Math.fround(attr) : attr))) as Record<string, unknown>;
}
