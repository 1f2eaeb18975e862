// A network read back as blocks in timm's notation, whatever it was made from: what the controls of a block change.
import type { Value } from "sabok";
import type { Layer } from "sabok/analysis";
import {
  formatBlockString,
  parseBlockString,
  roundChannels,
  type BlockStage,
  type BlockString,
} from "sabok/models";

type Activation = BlockStage["activation"];

/** One block as the controls see it. The stem is the block at place -1. */
export interface BlockNumbers {
  /** The scope of its layers: "features.3". */
  readonly scope: string;
  readonly type: BlockStage["type"] | "stem";
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly expansion: number;
  readonly channels: number;
  readonly squeeze: number;
  readonly activation: Activation;
  readonly skip: boolean | undefined;
}

/** A network as blocks: the stem first. */
export interface BlockList {
  readonly blocks: readonly BlockNumbers[];
  readonly head: BlockString["head"];
}

/**
 * The scope of the block that a layer stands in: its name up to the first run of number parts, "features.3" of
 * "features.3.conv.0.0" and of "features.3.0", "blocks.2.1" of "blocks.2.1.conv_dw"; undefined where it has none.
 */
export function blockScope(name: string): string | undefined {
  const scope = /^(?:.*?[./])??\d+(?:[./]\d+)*(?=$|[./])/.exec(name)?.[0];
  return scope === name ? scope.replace(/([./]\d+)[./]\d+$/, "$1") : scope;
}

interface Convolution {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly depthwise: boolean;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  /** Channels of the squeeze of a gate that follows; 0: none. */
  squeezed: number;
}

const activations = ["relu", "relu6", "leakyRelu", "hardSwish", "silu", "sigmoid", "tanh"] as const;

/** The blocks of a network, or undefined where it is no stem, blocks, pooling and classifier in that order. */
export function blocksOf(layers: readonly Layer[], values: readonly Value[]): BlockList | undefined {
  const groups: { scope: string; convolutions: Convolution[] }[] = [];
  let head: BlockString["head"];
  let pooled = false;
  const linears = layers.filter(({ values: [first] }) => first!.op === "linear");
  for (const layer of layers) {
    const [first] = layer.values;
    if (first!.op === "conv2d") {
      const convolution = readConvolution(layer);
      if (!convolution || pooled) return undefined;
      const scope = blockScope(layer.name) ?? layer.name;
      const last = groups.at(-1);
      if (last?.scope === scope && groups.length > 1) last.convolutions.push(convolution);
      else groups.push({ scope, convolutions: [convolution] });
    } else if (first!.op === "globalAveragePool") {
      const gate = layer.values.find(({ op }) => op === "conv2d");
      const gated = groups.at(-1)?.convolutions.at(-1);
      if (gate && gated) gated.squeezed = gate.type.shape[1]!;
      else pooled = true;
    } else if (first!.op === "linear") {
      if (!pooled || linears.length > 2) return undefined;
      if (linears.length === 2 && layer === linears[0])
        head = { hidden: first!.type.shape[1]!, activation: activationOf(layer) };
    } else return undefined;
  }
  const [stem, ...rest] = groups;
  if (!stem || stem.convolutions.length !== 1 || rest.length === 0) return undefined;
  const [first] = stem.convolutions;
  const added = new Set(values.filter(({ op }) => op === "add").map(({ name }) => name));
  const blocks = rest.map(({ scope, convolutions }) => readBlock(scope, convolutions, added.has(scope)));
  if (!blocks.every((block) => block !== undefined)) return undefined;
  const stemNumbers: BlockNumbers = {
    scope: stem.scope,
    type: "stem",
    ...numbersOf(first!),
    channels: first!.outputs,
    expansion: 1,
    squeeze: 0,
    skip: undefined,
  };
  return { blocks: [stemNumbers, ...blocks], head };
}

function readConvolution(layer: Layer): Convolution | undefined {
  const [value] = layer.values;
  const [outputs, perGroup, kh, kw] = value!.inputs[1]!.type.shape as [number, number, number, number];
  const pair = (name: string): number | undefined => {
    const [a, b] = value!.attrs[name] as readonly [number, number];
    return a === b ? a : undefined;
  };
  const [stride, dilation, groups] = [pair("stride"), pair("dilation"), value!.attrs["groups"] as number];
  const depthwise = groups > 1 && groups === outputs && perGroup === 1;
  if (kh !== kw || stride === undefined || dilation === undefined || (groups > 1 && !depthwise))
    return undefined;
  const inputs = value!.inputs[0]!.type.shape[1]!;
  return {
    kernel: kh,
    stride,
    dilation,
    depthwise,
    inputs,
    outputs,
    activation: activationOf(layer),
    squeezed: 0,
  };
}

function activationOf({ op }: Layer): Activation {
  const parts = op.split(", ");
  return activations.find((name) => parts.includes(name));
}

function numbersOf({ kernel, stride, dilation, activation }: Convolution) {
  return { kernel, stride, dilation, activation };
}

function readBlock(
  scope: string,
  convolutions: readonly Convolution[],
  hasSkip: boolean,
): BlockNumbers | undefined {
  const last = convolutions.at(-1)!;
  const channels = last.outputs;
  const fits = convolutions[0]!.inputs === channels && convolutions.every(({ stride }) => stride === 1);
  const skipOf = (usual: boolean): boolean | undefined => (!fits || hasSkip === usual ? undefined : hasSkip);
  const [first, second] = convolutions;
  if (convolutions.length === 1 && !first!.depthwise)
    return {
      scope,
      type: "cn",
      ...numbersOf(first!),
      expansion: 1,
      channels,
      squeeze: 0,
      skip: skipOf(false),
    };
  if (last.depthwise || last.kernel !== 1) return undefined;
  const common = { scope, channels };
  if (convolutions.length === 2 && first!.depthwise) {
    const type = last.activation ? "dsa" : "ds";
    const squeeze = squeezeOf(first!);
    return { ...common, type, ...numbersOf(first!), expansion: 1, squeeze, skip: skipOf(type === "ds") };
  }
  if (last.activation) return undefined;
  const skip = skipOf(true);
  const expansion = expansionOf(first!);
  if (convolutions.length === 2)
    return { ...common, type: "er", ...numbersOf(first!), expansion, squeeze: squeezeOf(first!), skip };
  if (convolutions.length === 3 && first!.kernel === 1 && second!.depthwise)
    return { ...common, type: "ir", ...numbersOf(second!), expansion, squeeze: squeezeOf(second!), skip };
  return undefined;
}

/** The shortest factor that the notation's rounding turns into the channels there are. */
function expansionOf({ inputs, outputs }: Convolution): number {
  return shortest(
    outputs / inputs,
    (factor) => (factor === 1 ? inputs : roundChannels(inputs * factor)) === outputs,
  );
}

function squeezeOf({ outputs, squeezed }: Convolution): number {
  return squeezed === 0
    ? 0
    : shortest(squeezed / outputs, (share) => roundChannels(outputs * share) === squeezed, [0.25]);
}

function shortest(
  exact: number,
  fits: (candidate: number) => boolean,
  first: readonly number[] = [],
): number {
  const rounded = [0, 1, 2, 3].map((digits) => Number(exact.toFixed(digits)));
  return [...first, ...rounded].find((candidate) => candidate > 0 && fits(candidate)) ?? exact;
}

/**
 * The blocks of a notation, one by one, each with the scope it has in the network that is shown; undefined where that has
 * another number of blocks. The text is ahead of the picture while the engine computes.
 */
export function readBlocks(notation: string, { blocks: shown }: BlockList): BlockList | undefined {
  const { stem, stages, head } = parseBlockString(notation);
  const single = stages.flatMap(({ repeat, ...stage }) =>
    Array.from({ length: repeat }, (_, at) => (at === 0 ? stage : { ...stage, stride: 1 })),
  );
  if (!stem || single.length + 1 !== shown.length) return undefined;
  const [first, ...rest] = shown;
  const { kernel, channels, activation, stride = first!.stride } = stem;
  const own = { scope: first!.scope, type: "stem", kernel, stride, channels, activation } as const;
  return {
    blocks: [
      { ...own, dilation: 1, expansion: 1, squeeze: 0, skip: undefined },
      ...single.map((stage, at): BlockNumbers => ({ dilation: 1, ...stage, scope: rest[at]!.scope })),
    ],
    head,
  };
}

/** The notation of a list of blocks: equal blocks in a row become one entry, of which the first has the stride. */
export function writeBlocks({ blocks: [stem, ...blocks], head }: BlockList): string {
  const stages: BlockStage[] = [];
  for (const { scope: _, type, dilation, ...numbers } of blocks) {
    const stage = {
      ...numbers,
      type: type as BlockStage["type"],
      repeat: 1,
      ...(dilation > 1 ? { dilation } : {}),
    };
    const before = stages.at(-1);
    const repeats =
      before &&
      stage.stride === 1 &&
      JSON.stringify({ ...stage, repeat: 0, stride: 0 }) ===
        JSON.stringify({ ...before, repeat: 0, stride: 0 });
    if (repeats) stages[stages.length - 1] = { ...before, repeat: before.repeat + 1 };
    else stages.push(stage);
  }
  const { kernel, stride, channels, activation } = stem!;
  return formatBlockString({ stem: { kernel, stride, channels, activation }, stages, head });
}
