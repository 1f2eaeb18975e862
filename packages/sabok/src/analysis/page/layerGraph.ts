// A network's values gathered into the nodes a person draws: layers, and the places where branches meet.
import { isLeaf, shapeOf, type Value } from "../../graph/index.ts";
import type { Analysis, AnalyzedLayer } from "../analyze.ts";
import { layersOf } from "../cost.ts";

export interface LayerNode {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** Of one image; "" for an output's name. */
  readonly output: string;
  readonly kind: "input" | "layer" | "join" | "output";
  /** Of the network's MACs. */
  readonly share: number;
}

export interface LayerGraph {
  readonly nodes: readonly LayerNode[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

const joinTitles: Readonly<Record<string, string>> = {
  add: "+",
  mul: "×",
  concat: "concat",
  sub: "−",
  div: "÷",
};

/** What flows from the image to the outputs. */
export function layerGraph({
  fields: { graph, seen, image },
  layers,
}: Pick<Analysis, "fields"> & {
  readonly layers: readonly Pick<AnalyzedLayer, "name" | "op" | "output" | "share">[];
}): LayerGraph {
  const nodes: LayerNode[] = [
    { id: "input", title: image.name, detail: "", output: shapeText(image), kind: "input", share: 0 },
  ];
  const edges = new Map<string, readonly [string, string]>();
  const nodeOf = new Map<Value, string>([[image, "input"]]);
  const layerAt = new Map<
    Value,
    { id: string; layer: Pick<AnalyzedLayer, "name" | "op" | "output" | "share">; values: readonly Value[] }
  >();
  layersOf(graph).forEach(({ values }, i) => {
    for (const value of values) layerAt.set(value, { id: `layer${i}`, layer: layers[i]!, values });
  });
  const connect = (value: Value, id: string): void => {
    for (const operand of value.inputs) {
      const from = nodeOf.get(operand);
      if (from !== undefined && from !== id) edges.set(`${from} ${id}`, [from, id]);
    }
  };
  for (const value of graph.values) {
    if (isLeaf(value) || !seen.has(value)) continue;
    const own = layerAt.get(value);
    if (own) {
      if (value === own.values[0])
        nodes.push({
          id: own.id,
          title: own.layer.name,
          detail: own.layer.op,
          output: own.layer.output.join("×"),
          kind: "layer",
          share: own.layer.share,
        });
      nodeOf.set(value, own.id);
      connect(value, own.id);
      continue;
    }
    const sources = new Set(value.inputs.flatMap((operand) => nodeOf.get(operand) ?? []));
    if (sources.size === 1) {
      nodeOf.set(value, [...sources][0]!);
      continue;
    }
    const id = `join${value.id}`;
    nodes.push({
      id,
      title: joinTitles[value.op] ?? value.op,
      detail: value.name,
      output: shapeText(value),
      kind: "join",
      share: 0,
    });
    nodeOf.set(value, id);
    connect(value, id);
  }
  for (const [name, value] of Object.entries(graph.outputs)) {
    const from = nodeOf.get(value);
    if (from === undefined) continue;
    nodes.push({
      id: `output ${name}`,
      title: name,
      detail: "",
      output: shapeText(value),
      kind: "output",
      share: 0,
    });
    edges.set(`${from} output ${name}`, [from, `output ${name}`]);
  }
  return { nodes, edges: [...edges.values()] };
}

function shapeText(value: Value): string {
  return shapeOf(value).slice(1).join("×");
}
