// What the graph's picture and the layer's page show, without running anything: quick enough to follow a slider.
import { shapeText, type NetworkView, type NodeView } from "../network/view.ts";
import { SabokError } from "sabok";
import {
  fieldsOf,
  lastMap,
  layerGraph,
  layerTable,
  layersOf,
  receptiveFieldOf,
  type Fields,
} from "sabok/analysis";
import { blockStringNetwork } from "sabok/models";
import { blockScope, blocksOf, writeBlocks, type BlockList } from "../network/blocks.ts";
import type { JobContext } from "../job.ts";
import { openNetwork } from "../network/networks.ts";
import { keyOf, type NetworkSpec } from "../network/spec.ts";

export function describeNetwork(spec: NetworkSpec, _context: JobContext<never>): NetworkView {
  const { graph, trained } = openNetwork(spec);
  const fields = fieldsOf(graph);
  const layers = layersOf(fields.graph);
  const { rows, parameters, macs } = layerTable(fields.graph);
  const counted = rows.map((row) => ({ ...row, output: row.shape, share: macs > 0 ? row.macs / macs : 0 }));
  const drawn = layerGraph({ fields, layers: counted });
  const idOf = stableIds(drawn.nodes);
  const nodes = drawn.nodes.map((node): NodeView => {
    const at = node.kind === "layer" ? Number(node.id.slice("layer".length)) : -1;
    const common = { id: idOf.get(node.id)!, kind: node.kind, output: node.output };
    if (at < 0)
      return {
        ...common,
        name: node.kind === "join" ? node.detail : node.title,
        op: node.title,
        block: blockOf(node.detail),
      };
    const { name, op, parameters: params, macs: own, share } = counted[at]!;
    const [first] = layers[at]!.values;
    const result = layers[at]!.values.at(-1)!;
    const input = first!.inputs[0]!;
    const weight = first!.op === "globalAveragePool" ? undefined : first!.inputs[1];
    return {
      ...common,
      name,
      op,
      block: blockOf(name),
      layer: {
        input: input.type.shape.slice(1),
        output: result.type.shape.slice(1),
        weight:
          weight && weight.op === "parameter" ? { name: weight.name, shape: weight.type.shape } : undefined,
        kernel: pairOf(
          weight && weight.type.shape.length === 4 ? weight.type.shape.slice(2) : first!.attrs["kernel"],
        ),
        stride: pairOf(first!.attrs["stride"]),
        dilation: pairOf(first!.attrs["dilation"]),
        groups: first!.attrs["groups"] as number | undefined,
        params,
        macs: own,
        share,
        field: fieldOf(fields, result),
      },
    };
  });
  const edges = drawn.edges.map(([from, to]) => [idOf.get(from)!, idOf.get(to)!] as const);
  const blocks = editable(spec, blocksOf(layers, fields.graph.values), parameters, macs);
  const map = lastMap(fields);
  return {
    key: keyOf(spec),
    input: fields.image.type.shape.slice(1),
    inputName: fields.image.name,
    params: parameters,
    macs,
    trained,
    field: fieldOf(fields, map),
    nodes,
    edges,
    blocks,
    text: blocks && writeBlocks(blocks),
  };
}

function blockOf(name: string): string | undefined {
  return blockScope(name);
}

/** The places where branches meet are named by where they stand, so that the picture knows them again after an edit. */
function stableIds(
  nodes: readonly { readonly id: string; readonly kind: string; readonly detail: string }[],
): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    nodes.map(({ id, kind, detail }) => {
      let own = kind === "join" ? `join ${detail}` : id;
      for (let again = 2; taken.has(own); again++) own = `join ${detail} ${again}`;
      taken.add(own);
      return [id, own];
    }),
  );
}

/** The blocks, if the network they describe is this one: the same parameters and multiply-accumulates. */
function editable(
  spec: NetworkSpec,
  blocks: BlockList | undefined,
  parameters: number,
  macs: number,
): BlockList | undefined {
  if (!blocks || spec.kind === "file") return undefined;
  if (spec.kind === "blocks") return blocks;
  const known = checked.get(keyOf(spec));
  if (known !== undefined) return known ? blocks : undefined;
  const { graph } = blockStringNetwork(writeBlocks(blocks), {
    classes: spec.classes,
    input: [3, spec.size, spec.size],
  });
  const table = layerTable(graph);
  const same = table.parameters === parameters && table.macs === macs;
  checked.set(keyOf(spec), same);
  return same ? blocks : undefined;
}

const checked = new Map<string, boolean>();

function fieldOf(fields: Fields, value: Parameters<typeof receptiveFieldOf>[1]): NetworkView["field"] {
  try {
    const { size, local, stride, offset, relative } = receptiveFieldOf(fields, value);
    return { size, local, stride, offset, relative };
  } catch (error) {
    if (error instanceof SabokError) return undefined;
    throw error;
  }
}

function pairOf(value: unknown): string | undefined {
  return Array.isArray(value) && value.length === 2 ? shapeText(value as number[]) : undefined;
}
