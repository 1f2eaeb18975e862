// The graph as it is drawn: blocks that are folded become one node.
import type { FieldView, NetworkView, NodeView } from "../../engine/network/view.ts";

/** A node of the picture: a layer, a place where branches meet, an end, or a folded block. */
export interface DrawnNode {
  readonly id: string;
  readonly kind: NodeView["kind"] | "block";
  readonly name: string;
  readonly op: string;
  readonly output: string;
  /** The block it stands in, or is. */
  readonly block: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Of the network's multiply-accumulates. */
  readonly share: number;
  readonly field: FieldView | undefined;
  /** The nodes that it stands for. */
  readonly members: readonly NodeView[];
}

export interface DrawnGraph {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

const sizes = {
  layer: [204, 50],
  block: [204, 58],
  join: [30, 30],
  input: [150, 38],
  output: [150, 38],
} as const;

/** The scopes of more than one node: what folds. */
export function foldable({ nodes }: Pick<NetworkView, "nodes">): Set<string> {
  const counts = new Map<string, number>();
  for (const { block, kind } of nodes)
    if (block !== undefined && (kind === "layer" || kind === "join"))
      counts.set(block, (counts.get(block) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count > 1).map(([scope]) => scope));
}

/** The graph with every block folded that `isOpen` does not name. */
export function drawGraph(
  view: Pick<NetworkView, "nodes" | "edges">,
  isOpen: (scope: string) => boolean,
): DrawnGraph {
  const scopes = foldable(view);
  const gathered = new Map<string, NodeView[]>();
  const idOf = new Map<string, string>();
  for (const node of view.nodes) {
    const { block, kind } = node;
    const folds =
      block !== undefined && (kind === "layer" || kind === "join") && scopes.has(block) && !isOpen(block);
    const id = folds ? `block ${block}` : node.id;
    idOf.set(node.id, id);
    const members = gathered.get(id);
    if (members) members.push(node);
    else gathered.set(id, [node]);
  }
  const nodes = [...gathered].map(([id, members]): DrawnNode => {
    const folded = id.startsWith("block ");
    const last = members.at(-1)!;
    const kind = folded ? "block" : last.kind;
    const [width, height] = sizes[kind];
    return {
      id,
      kind,
      name: folded ? last.block! : last.name,
      op: folded ? "" : last.op,
      output: last.output,
      block: last.block,
      width,
      height,
      share: members.reduce((sum, { layer }) => sum + (layer?.share ?? 0), 0),
      field: members.findLast(({ layer }) => layer)?.layer?.field,
      members,
    };
  });
  const edges = new Map<string, readonly [string, string]>();
  for (const [from, to] of view.edges) {
    const ends = [idOf.get(from)!, idOf.get(to)!] as const;
    if (ends[0] !== ends[1]) edges.set(ends.join(" → "), ends);
  }
  return { nodes, edges: [...edges.values()] };
}

/** The neighbours of a node for the arrow keys: along the edges, and beside it among the branches. */
export function neighbour(
  { edges }: DrawnGraph,
  id: string,
  key: "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight",
): string | undefined {
  const after = edges.filter(([from]) => from === id).map(([, to]) => to);
  const before = edges.filter(([, to]) => to === id).map(([from]) => from);
  if (key === "ArrowDown") return after[0];
  if (key === "ArrowUp") return before[0];
  const siblings = edges.filter(([from]) => before.includes(from)).map(([, to]) => to);
  const others = [...new Set(siblings)];
  const place = others.indexOf(id);
  if (others.length > 1)
    return others[(place + (key === "ArrowRight" ? 1 : others.length - 1)) % others.length];
  return key === "ArrowRight" ? after.at(-1) : before.at(-1);
}
