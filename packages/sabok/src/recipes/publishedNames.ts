// The names that published weights have, in sabok's own, which are torchvision's. timm counts blocks by stage and names the parts.
import { sizeOf, type Tensor } from "../core/index.ts";
import type { Graph } from "../graph/index.ts";
import { isState } from "../graph/index.ts";
import { headOf } from "./headOf.ts";

export type Naming = "torchvision" | "timm";

/** By names that only timm's mobile networks have; its residual networks are named as torchvision's. */
export function namingOf(names: Iterable<string>): Naming {
  for (const name of names)
    if (name === "conv_stem.weight" || /^blocks\.\d+\.\d+\./.test(name)) return "timm";
  return "torchvision";
}

/** What is not a weight: counters of training. */
export function isCounter(name: string): boolean {
  return name.endsWith("num_batches_tracked");
}

/** Weights under the names a graph of sabok has; what has no place there keeps its own name. Counters are left out. */
export function ownNames(weights: ReadonlyMap<string, Tensor>, graph: Graph): Map<string, Tensor> {
  const entries = withoutPrefix([...weights].filter(([name]) => !isCounter(name)));
  const names = entries.map(([name]) => name);
  if (namingOf(names) === "torchvision") return new Map(entries);
  const rename = timmNames(names, graph);
  return new Map(
    entries.map(([name, tensor]) => {
      const own = rename(name);
      // timm's hidden layer is a convolution over a map of one pixel.
      const isMatrix = own.startsWith("classifier.") && tensor.shape.length === 4;
      const shape = isMatrix && sizeOf(tensor.shape.slice(2)) === 1 ? tensor.shape.slice(0, 2) : tensor.shape;
      return [own, { ...tensor, shape }];
    }),
  );
}

/** Names without what a wrapper put before all of them. */
function withoutPrefix(
  entries: readonly (readonly [string, Tensor])[],
): readonly (readonly [string, Tensor])[] {
  const prefix = ["module.", "model.", "_orig_mod."].find((each) =>
    entries.every(([name]) => name.startsWith(each)),
  );
  return prefix === undefined
    ? entries
    : entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]);
}

const ending = /^(.*)\.(weight|bias|running_mean|running_var)$/;

/** timm's name → sabok's, for one file and one graph of the mobile family. */
function timmNames(names: readonly string[], graph: Graph): (name: string) => string {
  const blocks = [...new Set(names.flatMap((name) => /^blocks\.\d+\.\d+(?=\.)/.exec(name) ?? []))].sort(
    byNumbers,
  );
  const states = graph.values.filter(isState).map(({ name }) => name);
  const list = states.some((name) => name.startsWith("features.1.conv.")) ? "conv" : "block";
  const last = blocks.length + 1;
  const hasLastMap = states.includes(`features.${last}.0.weight`);
  const modules = new Map<string, string>([
    ["conv_stem", "features.0.0"],
    ["bn1", "features.0.1"],
    ...(hasLastMap
      ? ([
          ["conv_head", `features.${last}.0`],
          ["bn2", `features.${last}.1`],
        ] as const)
      : ([["conv_head", "classifier.0"]] as const)),
    ["classifier", headOf(graph)?.name ?? "classifier"],
  ]);
  for (const [i, block] of blocks.entries()) {
    const parts = new Set(
      names
        .filter((name) => name.startsWith(`${block}.`))
        .map((name) => name.slice(block.length + 1).split(".")[0]!),
    );
    for (const [part, own] of partsOf(parts, list))
      modules.set(`${block}.${part}`, `features.${i + 1}.${own}`);
  }
  return (name) => {
    const [, module = name, leaf] = ending.exec(name) ?? [];
    const own = modules.get(module);
    return own === undefined ? name : `${own}.${leaf}`;
  };
}

/** The parts of a block in timm's names, and where they stand in torchvision's list of the block's modules. */
function partsOf(parts: ReadonlySet<string>, list: "conv" | "block"): (readonly [string, string])[] {
  if (parts.has("conv"))
    return [
      ["conv", "0"],
      ["bn1", "1"],
    ];
  const isInverted = parts.has("conv_pwl");
  const layers: (readonly [conv: string, norm: string] | "se")[] = isInverted
    ? [
        ["conv_pw", "bn1"],
        ["conv_dw", "bn2"],
        ...(parts.has("se") ? (["se"] as const) : []),
        ["conv_pwl", "bn3"],
      ]
    : [["conv_dw", "bn1"], ...(parts.has("se") ? (["se"] as const) : []), ["conv_pw", "bn2"]];
  return layers.flatMap((layer, i): (readonly [string, string])[] => {
    if (layer === "se")
      return [
        ["se.conv_reduce", `${list}.${i}.fc1`],
        ["se.conv_expand", `${list}.${i}.fc2`],
      ];
    // MobileNetV2's last convolution and its norm stand in the list by themselves.
    const isPlain = list === "conv" && i === layers.length - 1;
    return [
      [layer[0], isPlain ? `${list}.${i}` : `${list}.${i}.0`],
      [layer[1], isPlain ? `${list}.${i + 1}` : `${list}.${i}.1`],
    ];
  });
}

function byNumbers(a: string, b: string): number {
  const [, stageA, blockA] = a.split(".").map(Number);
  const [, stageB, blockB] = b.split(".").map(Number);
  return stageA! - stageB! || blockA! - blockB!;
}
