// An ONNX model as a graph.
import { SabokError, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, type Graph } from "../graph/index.ts";
import { importActivations } from "./importActivations.ts";
import { importArithmetic } from "./importArithmetic.ts";
import { importShapes } from "./importShapes.ts";
import {
  ImportSite,
  withoutSuffix,
  type ImportContext,
  type ImportRule,
  type ImportedTensor,
} from "./importSite.ts";
import { importSpatial } from "./importSpatial.ts";
import { metadataFromProperties, type ModelMetadata } from "./metadata.ts";
import { decodeMessage } from "./protobuf.ts";
import type { Message } from "./schema.ts";
import { dataTypeName, dataTypes, decodeTensor } from "./tensorProto.ts";

export interface OnnxImportOptions {
  /** What an input's first dimension becomes where the model leaves it open. Default 1. */
  readonly batch?: number;
  /** Whole shapes of inputs by name, for models that leave more open than the batch. */
  readonly shapes?: Readonly<Record<string, Shape>>;
}

/** A model that was read: its graph, the data of the graph's states by name, and what the file says beside. */
export interface ImportedModel {
  readonly graph: Graph;
  readonly weights: Map<string, Tensor>;
  readonly metadata: ModelMetadata;
}

/** Every operator that is imported. */
const importRules: ReadonlyMap<string, ImportRule> = new Map(
  [importActivations, importArithmetic, importShapes, importSpatial].flatMap((rules) =>
    Object.entries(rules),
  ),
);

const oldestOpset = 7;

/**
 * Reads an ONNX model for inference. Weights become parameters (running statistics: buffers) under their own names;
 * the graph is in sabok's plain operators, with biases and activations apart: fuse it with the passes.
 * Throws SabokError where the bytes are not ONNX, are damaged or cut short, or the model holds what sabok does not import;
 * unknown operators are listed all at once.
 */
export function fromOnnx(bytes: Uint8Array, options: OnnxImportOptions = {}): ImportedModel {
  const model = decodeMessage("ModelProto", bytes);
  const graph = model.graph;
  if (!graph || graph.output.length === 0)
    throw new SabokError("This is not an ONNX model: it holds no graph with outputs.");
  const opset = opsetOf(model);
  expectKnownOperators(graph);
  const ours = model.producerName === "sabok";
  const context: ImportContext = { g: new GraphBuilder(), opset, tensors: new Map(), weights: new Map() };
  for (const proto of graph.initializer) define(context, proto.name, initializerOf(proto, ours));
  for (const input of graph.input) {
    if (context.tensors.get(input.name ?? "")?.kind === "stored") continue; // before IR 4 every weight was an input too
    define(context, input.name, {
      kind: "value",
      value: context.g.input(input.name ?? "", inputShape(input, options)),
    });
  }
  for (const node of graph.node) importNode(context, node, ours);
  const end: Message<"NodeProto"> = {
    opType: "graph",
    name: "outputs",
    input: graph.output.map(({ name = "" }) => name),
    output: [],
    attribute: [],
  };
  const ends = new ImportSite(context, end, "");
  const outputs = graph.output.map(({ name = "" }, i) => [name, ends.value(i)] as const);
  return {
    graph: context.g.finish(Object.fromEntries(outputs)),
    weights: context.weights,
    metadata: metadataFromProperties(
      model.metadataProps.map(({ key = "", value = "" }) => [key, value]),
      model.docString,
    ),
  };
}

function define({ tensors }: ImportContext, name: string | undefined, tensor: ImportedTensor): void {
  if (!name || tensors.has(name))
    throw new SabokError(
      `The model defines "${name ?? ""}" ${name ? "twice" : "without a name"}; it is damaged.`,
    );
  tensors.set(name, tensor);
}

function importNode(context: ImportContext, node: Message<"NodeProto">, ours: boolean): void {
  const { opType = "", name = "", output: outputs } = node;
  const site = new ImportSite(context, node, ours ? withoutSuffix(name, opType) : name || (outputs[0] ?? ""));
  const result = importRules.get(opType)!(site);
  for (const [i, output] of outputs.entries()) {
    if (output === "") continue;
    if (i > 0)
      define(context, output, {
        kind: "missing",
        why: `it reads output ${i} of ${site.where}, which sabok does not compute`,
      });
    else define(context, output, "kind" in result ? result : { kind: "value", value: result });
  }
}

function isStandard(domain: string | undefined): boolean {
  return domain === undefined || domain === "" || domain === "ai.onnx";
}

function opsetOf(model: Message<"ModelProto">): number {
  const opset = model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 1;
  if (opset < oldestOpset)
    throw new SabokError(
      `The model is of ONNX opset ${opset}; sabok reads opset ${oldestOpset} and newer. Convert it with onnx.version_converter.`,
    );
  return opset;
}

/** Throws with every operator that there is no rule for, and where it stands. */
function expectKnownOperators(graph: Message<"GraphProto">): void {
  const unknown = new Map<string, string[]>();
  for (const { opType = "", domain, name, output } of graph.node) {
    if (isStandard(domain) && importRules.has(opType)) continue;
    const operator = isStandard(domain) ? opType : `${domain}.${opType}`;
    unknown.set(operator, [...(unknown.get(operator) ?? []), name || (output[0] ?? "")]);
  }
  if (unknown.size === 0) return;
  const lines = [...unknown].map(([operator, names]) => {
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    return `${operator} (${names
      .slice(0, 3)
      .map((name) => `"${name}"`)
      .join(", ")}${more})`;
  });
  throw new SabokError(
    `The model has ${unknown.size === 1 ? "an operator" : `${unknown.size} operators`} that sabok does not import:\n  ${lines.join("\n  ")}`,
  );
}

function initializerOf(proto: Message<"TensorProto">, ours: boolean): ImportedTensor {
  const name = proto.name ?? "";
  const tensor = decodeTensor(proto, `The weight "${name}"`);
  const said = proto.docString;
  if (ours)
    return {
      kind: "stored",
      name,
      tensor,
      as: said === "parameter" || said === "buffer" ? said : "constant",
    };
  return { kind: "stored", name, tensor };
}

function inputShape(
  { name = "", type }: Message<"ValueInfoProto">,
  { batch, shapes = {} }: OnnxImportOptions,
): Shape {
  const tensor = type?.tensorType;
  if (!tensor) throw new SabokError(`The input "${name}" is not a tensor, which is all that sabok feeds.`);
  const elemType = tensor.elemType ?? 0;
  if (elemType !== dataTypes.float)
    throw new SabokError(`The input "${name}" holds ${dataTypeName(elemType)}; sabok feeds float32 only.`);
  if (Object.hasOwn(shapes, name)) return shapes[name]!;
  if (!tensor.shape)
    throw new SabokError(`The input "${name}" has no shape; give it as shapes: { "${name}": […] }.`);
  const dims = tensor.shape.dim;
  const shape = dims.map(({ dimValue }, axis) => (axis === 0 && !dimValue ? (batch ?? 1) : dimValue));
  const open = shape.findIndex((dimension) => !dimension);
  if (open >= 0) {
    const written = dims.map(({ dimValue, dimParam }) => dimValue || dimParam || "?").join(",");
    throw new SabokError(
      `The input "${name}" has shape [${written}], of which axis ${open} is open; give it as shapes: { "${name}": […] }.`,
    );
  }
  if (batch !== undefined && shape.length > 0 && shape[0] !== batch)
    throw new SabokError(
      `The input "${name}" has a fixed batch of ${shape[0]}, not ${batch}; read it without a batch, or export it with a dynamic one.`,
    );
  return shape as number[];
}
