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
 * The layers in the graph's order, for one image. A row gathers an operator that multiplies (or a norm or a pooling) and
 * the biases, norms and activations right after it; the parameters of all rows are the network's, each counted once.
 */
export function layerTable(graph: Graph): LayerTable {
  const batch = batchOf(graph);
  const rows: { -readonly [Key in keyof LayerRow]: LayerRow[Key] }[] = [];
  const rowOf = new Map<Value, number>();
  const counted = new Set<Value>();
  const last = new Map<number, Value>();
  for (const value of forwardValues(graph)) {
    const own = value.inputs.filter((input) => isParameter(input) && !counted.has(input));
    for (const input of own) counted.add(input);
    const parameters = sum(own.map((input) => sizeOf(shapeOf(input))));
    const before = rowOf.get(value.inputs[0]!);
    const part = followers[value.op];
    if (part !== undefined && before !== undefined && last.get(before) === value.inputs[0]) {
      rows[before]!.op += part;
      rows[before]!.parameters += parameters;
      rows[before]!.shape = shapeOf(value).slice(1);
      rowOf.set(value, before);
      last.set(before, value);
    } else if (parameters > 0 || macsOf(value) > 0 || value.op in poolings) {
      const gate = rows.findLast((row) => row.op.startsWith(squeezeExcite) || row.op === poolings["globalAveragePool"]);
      if (gate && gate.name !== "" && value.name.startsWith(`${gate.name}.`)) {
        // The convolutions in the scope of a pooled map: a squeeze-and-excitation.
        gate.op = gate.op.startsWith(squeezeExcite) ? gate.op : `${squeezeExcite} ${gate.shape[0]} to ${shapeOf(value)[1]}`;
        gate.parameters += parameters;
        gate.macs += macsOf(value) / batch;
        rowOf.set(value, rows.indexOf(gate));
        continue;
      }
      rowOf.set(value, rows.length);
      last.set(rows.length, value);
      rows.push({ name: value.name, op: describe(value), shape: shapeOf(value).slice(1), parameters, macs: macsOf(value) / batch });
    }
  }
  return { rows, parameters: countParameters(graph), macs: countMacs(graph) };
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
  const { op, attrs, inputs } = value;
  const fused = [op.startsWith("fused") ? ", bias" : "", attrs["activation"] && attrs["activation"] !== "none" ? `, ${attrs["activation"]}` : ""].join("");
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
      return poolings[op] ?? (inputs.length === 0 ? op : `${op}${fused}`);
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
function forwardValues(graph: Graph): Value[] {
  return reachable(Object.values(graph.outputs)).filter((value) => !isLeaf(value));
}

function macsOf(value: Value): number {
  if (isLeaf(value)) return 0;
  const spec: Operator | undefined = opTable[value.op];
  invariant(spec, `no operator named "${value.op}"`);
  return spec.macs(value.inputs.map((input) => input.type), value.attrs);
}

function isParameter(value: Value): boolean {
  return value.op === "parameter";
}

function batchOf(graph: Graph): number {
  return Object.values(graph.inputs)[0]?.type.shape[0] ?? 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
