// Places the nodes of the picture; dagre is loaded with this job.
import { Graph, layout } from "@dagrejs/dagre";
import type { JobContext } from "../job.ts";
import { arrange, type Layout, type LayoutRequest } from "../network/columns.ts";

export function layoutNetwork({ nodes, edges, frame }: LayoutRequest, _context: JobContext<never>): Layout {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 20, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const placed = nodes.map(({ id, width, height }) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    return { id, x, y, width, height };
  });
  const lines = edges.map(
    ([from, to]) => (graph.edge(from, to) as { points: { x: number; y: number }[] }).points,
  );
  return arrange({ nodes: placed, lines }, frame);
}
