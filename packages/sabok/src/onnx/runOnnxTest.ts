// One of ONNX's backend test cases: a model with inputs and the outputs every program must give, as the onnx project publishes them.
import { interpret } from "../backends/reference/index.ts";
import { SabokError, ShapeError, formatShape, sameShape, type Tensor } from "../core/index.ts";
import { shapeOf } from "../graph/index.ts";
import type { ElementType } from "./elementTypes.ts";
import { fromOnnx, type ImportedModel } from "./fromOnnx.ts";
import { decodeMessage } from "./protobuf.ts";
import type { Message } from "./schema.ts";
import {
  dataTypeName,
  dataTypes,
  decodeTensor,
  elementTypeOf,
  type ExternalFiles,
  type StoredTensor,
} from "./tensorProto.ts";

export interface OnnxTestCase {
  readonly name: string;
  /** The bytes of model.onnx. */
  readonly model: Uint8Array;
  /** Each test_data_set: the bytes of input_0.pb, … and of output_0.pb, …. */
  readonly sets: readonly {
    readonly inputs: readonly Uint8Array[];
    readonly outputs: readonly Uint8Array[];
  }[];
  readonly external?: ExternalFiles;
}

export interface OnnxTestResult {
  readonly name: string;
  /** "unsupported": the model holds something that sabok says it does not import. */
  readonly status: "passed" | "failed" | "unsupported";
  /** The largest difference relative to the expected number, of one at least. */
  readonly maxError?: number;
  readonly reason?: string;
}

export interface OnnxTestReport {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly cases: readonly OnnxTestResult[];
}

/** Computes a model's outputs from its inputs. */
export type RunModel = (
  model: ImportedModel,
  feeds: Readonly<Record<string, Tensor>>,
) => Readonly<Record<string, Tensor>> | Promise<Readonly<Record<string, Tensor>>>;

/** What the onnx project's own runner allows: |got − expected| ≤ absolute + relative·|expected|. */
const tolerance = { relative: 1e-3, absolute: 1e-7 };
/** bfloat16 has 8 bits: its own rounding is larger. */
const bfloat16Relative = 2 ** -7;

const onReference: RunModel = ({ graph, weights }, feeds) => interpret(graph, feeds, weights).outputs;

/** Runs cases one after the other. Default: on the float64 reference. */
export async function runOnnxTests(
  cases: Iterable<OnnxTestCase> | AsyncIterable<OnnxTestCase>,
  { run = onReference, onResult }: { run?: RunModel; onResult?: (result: OnnxTestResult) => void } = {},
): Promise<OnnxTestReport> {
  const results: OnnxTestResult[] = [];
  for await (const each of cases) {
    const result = await runOnnxTest(each, run);
    results.push(result);
    onResult?.(result);
  }
  const count = (status: OnnxTestResult["status"]): number =>
    results.filter((result) => result.status === status).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    unsupported: count("unsupported"),
    cases: results,
  };
}

/** Runs one case. Never throws: what goes wrong is the result. */
export async function runOnnxTest(
  { name, model, sets, external }: OnnxTestCase,
  run: RunModel = onReference,
): Promise<OnnxTestResult> {
  let maxError = 0;
  try {
    if (sets.length === 0) return { name, status: "unsupported", reason: "it has no test data" };
    const other = decodeMessage("ModelProto", model).graph?.input.find(({ type }) => !type?.tensorType);
    if (other)
      return {
        name,
        status: "unsupported",
        reason: `its input "${other.name ?? ""}" is a sequence or an optional, which sabok has not`,
      };
    for (const { inputs, outputs } of sets) {
      const feeds = Object.fromEntries(namedInputs(model, inputs));
      const shapes = Object.fromEntries(Object.entries(feeds).map(([input, { shape }]) => [input, shape]));
      const imported = fromOnnx(model, { shapes, known: feeds, ...(external ? { external } : {}) });
      const used = Object.keys(imported.graph.inputs).map((input) => [input, feeds[input]!] as const);
      const results = await run(imported, Object.fromEntries(used));
      for (const [i, [output, value]] of Object.entries(imported.graph.outputs).entries()) {
        const bytes = outputs[i];
        if (!bytes) continue;
        const expected = expectedTensor(bytes, output, imported.elementTypes.outputs[output]!);
        const result = results[output] ?? { shape: shapeOf(value), data: new Float64Array(0) };
        const { error, reason } = difference(result, imported.elementTypes.outputs[output]!, expected);
        maxError = Math.max(maxError, error);
        if (reason !== undefined)
          return { name, status: "failed", maxError, reason: `output "${output}" ${reason}` };
      }
    }
    return { name, status: "passed", maxError };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isRefused = error instanceof SabokError && !(error instanceof ShapeError);
    return { name, status: isRefused ? "unsupported" : "failed", reason };
  }
}

/** An expected output. ONNX's files keep bfloat16 as the bits, in uint16. */
function expectedTensor(bytes: Uint8Array, name: string, type: ElementType): StoredTensor {
  const proto = decodeMessage("TensorProto", bytes);
  return decodeTensor(withBfloat16(proto, type), `The expected output "${name}"`);
}

function withBfloat16(proto: Message<"TensorProto">, type: ElementType | undefined): Message<"TensorProto"> {
  const isBits = type === "bfloat16" && dataTypeName(proto.dataType ?? 0) === "uint16";
  return isBits ? { ...proto, dataType: dataTypes.bfloat16 } : proto;
}

/** The inputs by name: those that are no weights, in the model's order. */
function namedInputs(model: Uint8Array, inputs: readonly Uint8Array[]): (readonly [string, StoredTensor])[] {
  const graph = decodeMessage("ModelProto", model).graph;
  const stored = new Set(graph?.initializer.map(({ name }) => name));
  const all = (graph?.input ?? []).map(({ name = "" }) => name);
  const fed = all.filter((name) => !stored.has(name));
  const names = fed.length >= inputs.length ? fed : all;
  return inputs.map((bytes, i) => {
    const name = names[i] ?? "";
    const elemType = graph?.input.find((input) => input.name === name)?.type?.tensorType?.elemType ?? 0;
    const proto = withBfloat16(decodeMessage("TensorProto", bytes), elementTypeOf(elemType));
    return [name, decodeTensor(proto, `The input "${name}"`)] as const;
  });
}

/** How far a result is from what is expected, and, where that is too far, in which way. */
function difference(
  result: Tensor,
  type: ElementType,
  expected: StoredTensor,
): { error: number; reason?: string } {
  if (!sameShape(result.shape, expected.shape))
    return {
      error: Infinity,
      reason: `has shape ${formatShape(result.shape)}, expected ${formatShape(expected.shape)}`,
    };
  if (type !== expected.type)
    return { error: Infinity, reason: `has type ${type}, expected ${expected.type}` };
  const relative = type === "bfloat16" ? bfloat16Relative : tolerance.relative;
  let [worst, wrong, first] = [0, 0, -1];
  for (let i = 0; i < expected.data.length; i++) {
    const [got, wanted] = [numberOf(result.data[i]!, type), expected.data[i]!];
    if (got === wanted || (Number.isNaN(got) && Number.isNaN(wanted))) continue;
    const distance = Math.abs(got - wanted);
    const error = Number.isNaN(distance) ? Infinity : distance / Math.max(1, Math.abs(wanted));
    worst = Math.max(worst, error);
    if (distance <= tolerance.absolute + relative * Math.abs(wanted)) continue;
    wrong++;
    if (first < 0) first = i;
  }
  if (wrong === 0) return { error: worst };
  return {
    error: worst,
    reason: `differs in ${wrong} of ${expected.data.length} numbers, first at ${first}: ${result.data[first]}, expected ${expected.data[first]}`,
  };
}

/** The number as a float type holds it, where that has larger gaps than the result: its largest is not infinite yet. */
function numberOf(value: number, type: ElementType): number {
  if (type === "float16" && Math.abs(value) >= 65520) return Math.sign(value) * Infinity;
  return type === "float32" || type === "bfloat16" ? Math.fround(value) : value;
}
