// One unit of the search space as a graph, its architectures counted twice.
import { numberList } from "../parameters.ts";
import { adjacency, countPaths, pathMatrix, type Edge } from "./graphs.ts";

/** One unit: layers one after the other, each one of `ops`, with an exit after some of them. */
export async function unitGraph(ops: number, layers: number, exitList: string) {
  const last = Math.min(3, layers);
  const example = Array.from({ length: last }, (_, i) => layers - last + 1 + i).join(",");
  const exits = numberList(
    { name: "exits", value: exitList, example },
    { least: 1, most: layers, whole: true, longest: layers },
  );
  const sink = layers + 1;
  const edges: Edge[] = [
    ...Array.from({ length: layers }, (_, layer) => ({ from: layer, to: layer + 1, count: ops })),
    ...[...new Set(exits)].map((from) => ({ from, to: sink, count: 1 })),
  ];
  const nodes = sink + 1;
  const a = adjacency(nodes, edges);
  const inverse = await pathMatrix(a);
  return {
    nodes,
    paths: countPaths(nodes, edges)[sink]!,
    byMatrix: inverse.data[sink]!,
    upperTriangular: edges.every(({ from, to }) => from < to),
    rows: Array.from({ length: nodes }, (_, i) => Array.from(a.data.subarray(i * nodes, (i + 1) * nodes))),
  };
}
