// The Jacobian between two layers, with the skips between them and without: its singular values say what a gradient keeps.
import { Random, SabokError, mix32, singularValues, sizeOf, tensor, type Tensor } from "../../core/index.ts";
import {
  GraphBuilder,
  makeGraph,
  reachable,
  rewriteGraph,
  shapeOf,
  type Graph,
  type Value,
} from "../../graph/index.ts";
import { vectorJacobianProduct } from "../../autodiff/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { opTable } from "../../ops/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import { countMacs } from "../cost.ts";

export interface JacobianSpectrum {
  /** Descending. */
  readonly singularValues: readonly number[];
  /** √(Σσ²/n): how much longer or shorter a random gradient gets. */
  readonly rms: number;
}

export interface JacobianOptions {
  /** The input of the network, batch 1; default standard normal numbers. */
  readonly image?: Tensor;
  readonly seed?: number;
}

export interface JacobianComparison {
  readonly from: string;
  readonly to: string;
  readonly withSkip: JacobianSpectrum;
  /** Null where there is no skip between the two. */
  readonly withoutSkip: JacobianSpectrum | null;
}

const largest = 1024;

/**
 * ∂to/∂from of one image in inference form (in float64, or float32 where it is much work), with the sums of skips as they are and with each skip taken away.
 * The layers are named as in the graph; "" is the input. Throws SabokError where a layer has more than 1024 numbers.
 */
export async function jacobian(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  from: string,
  to: string,
  options: JacobianOptions = {},
): Promise<JacobianComparison> {
  const inference = withBatch(toInference(graph), 1);
  const [input] = Object.values(inference.inputs) as [Value];
  const random = new Random(mix32(options.seed ?? 1));
  const image = options.image ?? {
    shape: shapeOf(input),
    data: Float64Array.from({ length: sizeOf(shapeOf(input)) }, () => random.normal()),
  };
  const [start, end] = [from === "" ? input : layerNamed(inference, from), layerNamed(inference, to)];
  for (const value of [start, end])
    if (sizeOf(shapeOf(value)) > largest)
      throw new SabokError(
        `The Jacobian of "${value.name}" [${shapeOf(value).join(",")}] has ${sizeOf(shapeOf(value))} rows or columns; at most ${largest} are taken. Use a smaller image or layers further back.`,
      );
  if (!reachable([end]).includes(start)) throw new SabokError(`"${to}" does not depend on "${from}".`);
  const feeds = { [input.name]: image };
  const whole = makeGraph({ inputs: inference.inputs, outputs: { start, end } });
  const cut = withoutSkips(whole);
  return {
    from,
    to,
    withSkip: await spectrum(whole, weights, feeds),
    withoutSkip: cut && (await spectrum(cut, weights, feeds)),
  };
}

function layerNamed(graph: Graph, name: string): Value {
  const computed = graph.values.filter(({ inputs }) => inputs.length > 0);
  const value =
    computed.findLast((candidate) => candidate.name === name) ??
    computed.findLast((candidate) => candidate.name.startsWith(`${name}.`));
  if (!value) throw new SabokError(`There is no layer "${name}".`);
  return value;
}

/** Of each sum of two branches that both come from the start, the longer one alone; null where there is no such sum. */
function withoutSkips(graph: Graph): Graph | null {
  const start = graph.outputs["start"]!;
  const depth = new Map<Value, number>([[start, 0]]);
  for (const value of graph.values) {
    const before = value.inputs.flatMap((operand) => depth.get(operand) ?? []);
    if (before.length > 0 && value !== start) depth.set(value, 1 + Math.max(...before));
  }
  let cut = 0;
  const rewritten = rewriteGraph(graph, opTable, ({ value, inputs }) => {
    const [a, b] = value.inputs.map((operand) => depth.get(operand));
    if (value.op !== "add" || a === undefined || b === undefined || value === start) return null;
    cut++;
    return inputs[a > b ? 0 : 1]!;
  });
  return cut > 0 ? rewritten : null;
}

async function spectrum(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<JacobianSpectrum> {
  const { start, end } = graph.outputs as { start: Value; end: Value };
  const g = new GraphBuilder();
  const cotangent = g.input("cotangent", shapeOf(end));
  const [slope] = vectorJacobianProduct(g, end, cotangent, [start]);
  // The forward pass is run once: its values become the constants the backward pass reads.
  const backward = makeGraph({ inputs: { ...graph.inputs, cotangent }, outputs: { slope: slope! } });
  const frozen = freeze(backward, cotangent, feeds, weights);
  const [rows, columns] = [sizeOf(shapeOf(end)), sizeOf(shapeOf(start))];
  const matrix = new Float64Array(rows * columns);
  const { run, close } = await runner(frozen, rows);
  for (let row = 0; row < rows; row++) {
    const unit = new Float64Array(rows);
    unit[row] = 1;
    const { slope } = await run({ cotangent: { shape: shapeOf(end), data: unit } });
    matrix.set(slope!.data, row * columns);
  }
  close();
  const values = singularValues(tensor([rows, columns], matrix));
  return {
    singularValues: values,
    rms: Math.sqrt(values.reduce((total, value) => total + value ** 2, 0) / values.length),
  };
}

/** So many multiply-accumulates take the reference interpreter some seconds. */
const mostInDoubles = 2e8;

type Outputs = Readonly<Record<string, Tensor>>;

/** In float64 where that is quick enough for so many runs, else in float32. */
async function runner(
  graph: Graph,
  runs: number,
): Promise<{ run(feeds: Outputs): Promise<Outputs>; close(): void }> {
  if (runs * countMacs(graph) < mostInDoubles)
    return { run: (feeds) => Promise.resolve(interpret(graph, feeds).outputs), close() {} };
  const session = await createSession(graph);
  return { run: (feeds) => session.run(feeds), close: () => session.close() };
}

/** The graph with everything that does not depend on the cotangent computed beforehand. */
function freeze(
  graph: Graph,
  cotangent: Value,
  feeds: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Tensor>,
): Graph {
  const moving = new Set<Value>([cotangent]);
  for (const value of graph.values)
    if (value.inputs.some((operand) => moving.has(operand))) moving.add(value);
  const border = new Set(
    graph.values
      .filter((value) => moving.has(value))
      .flatMap(({ inputs }) => inputs.filter((operand) => !moving.has(operand))),
  );
  const names = new Map([...border].map((value, i) => [value, String(i)]));
  const { cotangent: _, ...inputs } = graph.inputs;
  const { outputs } = interpret(
    makeGraph({ inputs, outputs: Object.fromEntries([...names].map(([value, name]) => [name, value])) }),
    feeds,
    weights,
  );
  const g = new GraphBuilder();
  const rewritten = rewriteGraph(graph, opTable, ({ value }) =>
    border.has(value) ? g.constant(outputs[names.get(value)!]!) : null,
  );
  return makeGraph({ inputs: { cotangent: rewritten.inputs["cotangent"]! }, outputs: rewritten.outputs });
}
