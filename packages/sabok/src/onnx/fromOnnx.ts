// An ONNX model as a graph.
import { SabokError, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, type Graph } from "../graph/index.ts";
import type { ElementType } from "./elementTypes.ts";
import { importRules } from "./importRules.ts";
import {
  ImportSite,
  withoutSuffix,
  type ImportContext,
  type ImportResult,
  type ImportedTensor,
} from "./importSite.ts";
import { inlineFunctions } from "./inlineFunctions.ts";
import { metadataFromProperties, type ModelMetadata } from "./metadata.ts";
import { decodeMessage } from "./protobuf.ts";
import type { Message } from "./schema.ts";
import { dataTypeName, decodeTensor, elementTypeOf, type ExternalFiles } from "./tensorProto.ts";

export interface OnnxImportOptions {
  /** What an input's first dimension becomes where the model leaves it open. Default 1. */
  readonly batch?: number;
  /** Whole shapes of inputs by name, for models that leave more open than the batch. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /**
   * The numbers of inputs by name, for models that compute shapes from them. The graph then holds for these numbers only where
   * a shape follows from them.
   */
  readonly known?: Readonly<Record<string, Tensor>>;
  /** The files beside the model that hold its weights. */
  readonly external?: ExternalFiles;
}

/** A model that was read: its graph, the data of the graph's states by name, and what the file says beside. */
export interface ImportedModel {
  readonly graph: Graph;
  readonly weights: Map<string, Tensor>;
  readonly metadata: ModelMetadata;
  /**
   * The element types the model gives its inputs and outputs. The graph computes with plain numbers: whole numbers and truth
   * values are numbers too, exact to 2^24 in float32 and to 2^53 in the float64 reference.
   */
  readonly elementTypes: {
    readonly inputs: Readonly<Record<string, ElementType>>;
    readonly outputs: Readonly<Record<string, ElementType>>;
  };
}

const oldestOpset = 6;

/** Operators that mean in the opsets before what they mean since. */
const unchangedOperators: ReadonlySet<string> = new Set([
  "AveragePool",
  "Constant",
  "Conv",
  "ConvTranspose",
  "DepthToSpace",
  "Exp",
  "Flatten",
  "GlobalAveragePool",
  "GlobalMaxPool",
  "Identity",
  "LRN",
  "LeakyRelu",
  "LogSoftmax",
  "LpNormalization",
  "MaxPool",
  "MaxRoiPool",
  "Not",
  "Relu",
  "Sigmoid",
  "Softmax",
  "Softplus",
  "Softsign",
  "SpaceToDepth",
  "Squeeze",
  "Tanh",
  "Transpose",
  "Unsqueeze",
]);

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
  const nodes = inlineFunctions(graph.node, model.functions);
  expectKnownOperators(nodes);
  const ours = model.producerName === "sabok";
  const { known = {}, external } = options;
  const context: ImportContext = {
    g: new GraphBuilder(),
    opset,
    tensors: new Map(),
    weights: new Map(),
    known: new Map(Object.entries(known)),
    evaluated: new Map(),
    external,
    ours,
  };
  for (const proto of graph.initializer) define(context, proto.name, initializerOf(proto, context));
  const inputTypes: Record<string, ElementType> = {};
  for (const input of graph.input) {
    const name = input.name ?? "";
    if (context.tensors.get(name)?.kind === "stored") continue; // before IR 4 every weight was an input too
    const type = (inputTypes[name] = inputType(input));
    const shape = inputShape(input, options);
    const empty = shape.includes(0) ? context.known.get(name) : undefined;
    define(
      context,
      name,
      empty
        ? { kind: "stored", name, tensor: { ...empty, type }, as: "constant" }
        : { kind: "value", value: context.g.input(name, shape), type },
    );
  }
  for (const node of nodes) importNode(context, node);
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
    elementTypes: {
      inputs: inputTypes,
      outputs: Object.fromEntries(graph.output.map(({ name = "" }, i) => [name, ends.type(i)])),
    },
  };
}

function define({ tensors }: ImportContext, name: string | undefined, tensor: ImportedTensor): void {
  if (!name || tensors.has(name))
    throw new SabokError(
      `The model defines "${name ?? ""}" ${name ? "twice" : "without a name"}; it is damaged.`,
    );
  tensors.set(name, tensor);
}

function importNode(context: ImportContext, node: Message<"NodeProto">): void {
  const { opType = "", name = "", output: outputs } = node;
  const scope = context.ours ? withoutSuffix(name, opType) : name || (outputs[0] ?? "");
  const site = new ImportSite(context, node, scope);
  const made = importRules.get(opType)!(site);
  const results = Array.isArray(made) ? (made as readonly ImportResult[]) : [made as ImportResult];
  for (const [i, output] of outputs.entries()) {
    if (output === "") continue;
    const result = results[i];
    if (!result)
      define(context, output, {
        kind: "missing",
        why: `it reads output ${i} of ${site.where}, which sabok does not compute`,
      });
    else define(context, output, "kind" in result ? result : site.typed(result, site.type(0)));
  }
}

function isStandard(domain: string | undefined): boolean {
  return domain === undefined || domain === "" || domain === "ai.onnx";
}

function opsetOf(model: Message<"ModelProto">): number {
  const opset = model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 1;
  const isUnchanged = ({ opType = "", domain }: Message<"NodeProto">): boolean =>
    !isStandard(domain) || unchangedOperators.has(opType);
  if (opset < oldestOpset && !(model.graph?.node ?? []).every(isUnchanged))
    throw new SabokError(
      `The model is of ONNX opset ${opset}; sabok reads opset ${oldestOpset} and newer. Convert it with onnx.version_converter.`,
    );
  return opset;
}

/** Throws with every operator that there is no rule for, and where it stands. */
function expectKnownOperators(nodes: readonly Message<"NodeProto">[]): void {
  const unknown = new Map<string, string[]>();
  for (const { opType = "", domain, name, output } of nodes) {
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

function initializerOf(proto: Message<"TensorProto">, { ours, external }: ImportContext): ImportedTensor {
  const name = proto.name ?? "";
  const tensor = decodeTensor(proto, `The weight "${name}"`, external);
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

function inputType({ name = "", type }: Message<"ValueInfoProto">): ElementType {
  const tensor = type?.tensorType;
  if (!tensor) throw new SabokError(`The input "${name}" is not a tensor, which is all that sabok feeds.`);
  const elementType = elementTypeOf(tensor.elemType ?? 0);
  if (elementType) return elementType;
  throw new SabokError(
    `The input "${name}" holds ${dataTypeName(tensor.elemType ?? 0)}; sabok feeds plain numbers.`,
  );
}

function inputShape(
  { name = "", type }: Message<"ValueInfoProto">,
  { batch, shapes = {} }: OnnxImportOptions,
): Shape {
  const tensor = type!.tensorType!;
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
