// What a network costs: multiply-accumulates and parameters, in all and layer by layer, for one image.
import { invariant, sizeOf, type Shape } from "../core/index.ts";
import { isLeaf, reachable, shapeOf, type Graph, type Operator, type Value } from "../graph/index.ts";
import { activationNames, opTable } from "../ops/index.ts";

/**
 * One layer: a convolution or linear layer with the bias, batch norm and activation that follow it, a pooling, or a whole
 * squeeze-and-excitation.
 */
export interface LayerRow {
  /** Where it stands in the network: "features.3.block.1.0". */
  readonly name: string;
  /** What it does: "depthwise 3x3 /2, batch norm, relu6". */
  readonly op: string;
  /** Of its output, without the batch. */
  readonly shape: Shape;
  readonly parameters: number;
  readonly macs: number;
}

export interface LayerTable {
  readonly rows: readonly LayerRow[];
  readonly parameters: number;
  readonly macs: number;
}

/**
 * Multiply-accumulates of a forward pass for one image, as the MobileNet papers count: convolutions and linear layers,
 * squeeze-and-excitation included; bias, batch norm and activations not. FLOPs are twice that.
 */
export function countMacs(graph: Graph): number {
  return forwardValues(graph).reduce((total, value) => total + macsOf(value), 0) / batchOf(graph);
}

/** Trained numbers; running statistics and other buffers are none. */
export function countParameters(graph: Graph): number {
  return sum(graph.values.filter(isParameter).map((value) => sizeOf(shapeOf(value))));
}

/**
 * The layers in the graph's order, for one image. The parameters of all rows are the network's, each counted once, in
 * the first row that reads it.
 */
export function layerTable(graph: Graph): LayerTable {
  const batch = batchOf(graph);
  const counted = new Set<Value>();
  const rows = layersOf(graph).map(({ name, op, values }): LayerRow => {
    const own = new Set(
      values.flatMap(({ inputs }) => inputs.filter((input) => isParameter(input) && !counted.has(input))),
    );
    for (const parameter of own) counted.add(parameter);
    return {
      name,
      op,
      shape: shapeOf(values.at(-1)!).slice(1),
      parameters: sum([...own].map((parameter) => sizeOf(shapeOf(parameter)))),
      macs: sum(values.map(macsOf)) / batch,
    };
  });
  return { rows, parameters: countParameters(graph), macs: countMacs(graph) };
}

/** The values that one row of the table is about. */
export interface Layer {
  readonly name: string;
  op: string;
  /** The values of the layer, its result last. */
  readonly values: Value[];
}

/** The layers of a graph in its order. */
export function layersOf(graph: Graph): Layer[] {
  const layers: Layer[] = [];
  for (const value of forwardValues(graph)) {
    const before = layers.at(-1);
    if (before?.values[0]!.op === "globalAveragePool" && isWithin(value, before.name)) {
      // What else stands in the scope of a pooled map: its flattening, or the convolutions that make it a gate.
      const [pooled] = before.values;
      if (macsOf(value) > 0 && before.op === poolings["globalAveragePool"])
        before.op = `squeeze-excite ${shapeOf(pooled!)[1]} to ${shapeOf(value)[1]}`;
      before.values.push(value);
      continue;
    }
    const source =
      value.op in followers ? layers.find(({ values }) => values.at(-1) === value.inputs[0]) : undefined;
    if (source) {
      source.op += followers[value.op]!;
      source.values.push(value);
    } else if (macsOf(value) > 0 || value.inputs.some(isParameter) || value.op in poolings)
      layers.push({ name: value.name, op: describe(value), values: [value] });
  }
  return layers;
}

function isWithin(value: Value, scope: string): boolean {
  return scope !== "" && (value.name === scope || value.name.startsWith(`${scope}.`));
}

/** What joins the row before it, and how it is called there. */
const followers: Readonly<Record<string, string>> = {
  biasAdd: ", bias",
  batchNorm: ", batch norm",
  ...Object.fromEntries(activationNames.map((name) => [name, `, ${name}`])),
};

const poolings: Readonly<Record<string, string>> = {
  maxPool2d: "max pool",
  averagePool2d: "average pool",
  globalAveragePool: "global average pool",
  resize: "resize",
  roiAlign: "RoI align",
  roiPool: "RoI pool",
};

function describe(value: Value): string {
  const { op, attrs } = value;
  const { activation } = attrs;
  const fused = `${op.startsWith("fused") ? ", bias" : ""}${typeof activation === "string" && activation !== "none" ? `, ${activation}` : ""}`;
  switch (op) {
    case "conv2d":
    case "fusedConv2d":
    case "conv2dInputGradient":
      return `${convolution(value)}${fused}`;
    case "linear":
    case "fusedLinear":
      return `linear${fused}`;
    case "batchNorm":
      return `batch norm${fused}`;
    case "maxPool2d":
    case "averagePool2d":
      return `${poolings[op]} ${(attrs["kernel"] as readonly number[]).join("x")}${strideOf(value)}`;
    default:
      return poolings[op] ?? op;
  }
}

function convolution(value: Value): string {
  const [outputs, perGroup, kh, kw] = shapeOf(value.inputs[1]!) as [number, number, number, number];
  const groups = value.attrs["groups"] as number;
  const depthwise = groups > 1 && groups === outputs && perGroup === 1;
  const kind = value.op === "conv2dInputGradient" ? "transposed conv" : depthwise ? "depthwise" : "conv";
  const grouped = groups > 1 && !depthwise ? ` groups ${groups}` : "";
  const dilation = value.attrs["dilation"] as readonly number[];
  const dilated = dilation.some((d) => d > 1) ? ` dilation ${dilation.join("x")}` : "";
  return `${kind} ${kh}x${kw}${strideOf(value)}${grouped}${dilated}`;
}

/** " /2" for a stride of 2, nothing for 1. */
function strideOf({ attrs }: Value): string {
  const [vertical, horizontal] = attrs["stride"] as readonly [number, number];
  if (vertical === horizontal) return vertical === 1 ? "" : ` /${vertical}`;
  return ` /${vertical}x${horizontal}`;
}

/** What the outputs depend on: not the updates of running statistics. */
export function forwardValues(graph: Graph): Value[] {
  return reachable(Object.values(graph.outputs)).filter((value) => !isLeaf(value));
}

function macsOf(value: Value): number {
  if (isLeaf(value)) return 0;
  const spec: Operator | undefined = opTable[value.op];
  invariant(spec, `no operator named "${value.op}"`);
  return spec.macs(
    value.inputs.map((input) => input.type),
    value.attrs,
  );
}

export function isParameter(value: Value): boolean {
  return value.op === "parameter";
}

export function batchOf(graph: Graph): number {
  return Object.values(graph.inputs)[0]?.type.shape[0] ?? 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
