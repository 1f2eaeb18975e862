// sabok diff: whether two models compute the same, and where they first part.
import { SabokError, type Tensor, type Value } from "sabok";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import {
  openModelFile,
  modelArgs,
  readModelArgs,
  type ModelFile,
  type OpenModelOptions,
} from "../modelFiles.ts";
import { compileGraph, readFeeds } from "../modelRun.ts";

export const diffCommand = defineCommand({
  name: "diff",
  summary: "say whether two models compute the same, and where they part",
  description:
    "Runs both models on the same numbers and compares their outputs, in order. Where these differ, the first layer is named after which " +
    "the two are apart: layers are paired by their names and operators, or, where the names have nothing in common, by operators and shapes in " +
    "order. The status is 1 where the models differ.",
  args: {
    a: { type: "positional", required: false, valueHint: "model", description: "A model" },
    b: { type: "positional", required: false, valueHint: "model", description: "Another" },
    ...modelArgs,
    data: {
      type: "string",
      valueHint: "files",
      description: "One file an input, parted by commas; drawn if not given",
    },
    tolerance: {
      type: "string",
      valueHint: "x",
      description: "Largest difference, of the largest number; 0.001 if not given",
    },
  },
  examples: [
    ["sabok diff before.onnx after.onnx", "On seeded numbers"],
    ["sabok diff runs/first model.onnx --data shoe.png --json", "On an image; one JSON document"],
  ],
  async run(given, terminal) {
    if (given.a === undefined || given.b === undefined) throw new UsageError("Which models? Give two.");
    const tolerance = numberOption("--tolerance", given.tolerance, { least: 0 }) ?? 1e-3;
    const options = readModelArgs(given);
    const [a, b] = await openPair(given.a, given.b, options);
    const feeds = await readFeeds(a, given.data?.split(",") ?? []);
    const [left, right] = [await recorded(a, feeds), await recorded(b, feeds)];
    const outputs = left.outputs.map(({ name, tensor }, i) => {
      const other = right.outputs[i];
      return { name, other: other?.name, error: other ? distance(tensor, other.tensor) : Infinity };
    });
    const isSame =
      left.outputs.length === right.outputs.length && outputs.every(({ error }) => error <= tolerance);
    const parting = isSame ? undefined : firstParting(left.layers, right.layers, tolerance);
    terminal.document({ type: "diff", same: isSame, outputs, parting });
    if (terminal.json) return isSame ? 0 : 1;
    for (const { name, other, error } of outputs)
      terminal.line(`  ${name} · ${other ?? "nothing"}  ${error === 0 ? "equal" : error.toExponential(1)}`);
    if (isSame) terminal.line("The two compute the same.");
    else if (parting)
      terminal.line(
        `They part at ${parting.layer} (${parting.op}): ${parting.error.toExponential(1)}; ${parting.equal} layers before it agree.`,
      );
    else terminal.line("They differ; no layers of theirs could be paired.");
    return isSame ? 0 : 1;
  },
});

/** Both models, an .onnx file with the shapes that the other's inputs have (tfjs and TFLite say them in another order). */
async function openPair(a: string, b: string, options: OpenModelOptions): Promise<[ModelFile, ModelFile]> {
  if (a.endsWith(".onnx") && !b.endsWith(".onnx"))
    return (await openPair(b, a, options)).toReversed() as [ModelFile, ModelFile];
  const first = await openModelFile(a, options);
  const inputs = Object.entries(first.graph.inputs).map(([name, { type }]) => [name, type.shape] as const);
  const shapes = b.endsWith(".onnx") ? Object.fromEntries(inputs) : (options.shapes ?? {});
  return [first, await openModelFile(b, { ...options, shapes })];
}

interface Layer {
  readonly name: string;
  readonly op: string;
  readonly tensor: Tensor;
}

/** The outputs and what every layer gave on the way. */
async function recorded(
  model: ModelFile,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<{ outputs: { name: string; tensor: Tensor }[]; layers: Layer[] }> {
  const session = await compileGraph(model, 1, true);
  const names = Object.keys(model.graph.inputs);
  const given = Object.values(feeds);
  if (names.length !== given.length)
    throw new SabokError(
      `The models have ${given.length} and ${names.length} inputs; they cannot be fed alike.`,
    );
  const layers: Layer[] = [];
  const watch = (value: Value, read: () => Float32Array): void => {
    layers.push({
      name: value.name,
      op: value.op,
      tensor: { shape: value.type.shape, data: read().slice() },
    });
  };
  const own = Object.fromEntries(names.map((name, i) => [name, feeds[name] ?? given[i]!]));
  const results = await session.run(own, { watch }).finally(() => session.close());
  return { outputs: Object.entries(results).map(([name, tensor]) => ({ name, tensor })), layers };
}

function firstParting(
  left: readonly Layer[],
  right: readonly Layer[],
  tolerance: number,
): { layer: string; op: string; error: number; equal: number } | undefined {
  const byName = ({ name, op }: Layer): string => `${name} ${op}`;
  const byShape = ({ op, tensor }: Layer): string => `${op} ${tensor.shape.join()}`;
  const named = paired(left, right, byName);
  const pairs = 4 * named.length >= left.length ? named : paired(left, right, byShape);
  const at = pairs.findIndex(([a, b]) => distance(a.tensor, b.tensor) > tolerance);
  if (at < 0) return undefined;
  const [a, b] = pairs[at]!;
  return { layer: a.name, op: a.op, error: distance(a.tensor, b.tensor), equal: at };
}

/** Layers with equal keys, the first with the first and so on. */
function paired(
  left: readonly Layer[],
  right: readonly Layer[],
  key: (layer: Layer) => string,
): [Layer, Layer][] {
  const waiting = new Map<string, Layer[]>();
  for (const layer of right) waiting.set(key(layer), [...(waiting.get(key(layer)) ?? []), layer]);
  return left.flatMap((layer): [Layer, Layer][] => {
    const other = waiting.get(key(layer))?.shift();
    return other ? [[layer, other]] : [];
  });
}

/** The largest difference relative to the largest number. */
function distance(a: Tensor, b: Tensor): number {
  if (a.data.length !== b.data.length) return Infinity;
  let [largest, worst] = [1e-30, 0];
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i]!, b.data[i]!];
    largest = Math.max(largest, Math.abs(x), Math.abs(y));
    worst = Math.max(worst, x === y ? 0 : Math.abs(x - y));
    if (Number.isNaN(x) !== Number.isNaN(y)) return Infinity;
  }
  return worst / largest;
}
