// Filters whose outputs no convolution reads are cut out, with their biases, norms and the zero weights that ignored them.
import type { Tensor } from "../../../core/index.ts";
import {
  isState,
  makeValue,
  rewriteGraph,
  shapeOf,
  usersOf,
  verifyGraph,
  type Value,
} from "../../../graph/index.ts";
import { opTable } from "../../../ops/index.ts";
import { channelFlow, unreadChannels } from "../channelFlow.ts";
import { integer, isConvolution, nodeName } from "../reading.ts";
import type { Mended, WeightedGraph } from "./mended.ts";

interface Cut {
  readonly axis: number;
  readonly kept: readonly number[];
}

/** Keeps the function, on training and on inference graphs. One channel of a convolution always stays. */
export function pruneUnread({ graph, weights }: WeightedGraph): Mended {
  const users = usersOf(graph);
  const cuts = new Map<Value, Cut[]>();
  const done: string[] = [];
  for (const convolution of graph.values.filter(isConvolution)) {
    const flow = convolution.attrs["groups"] === 1 ? channelFlow(convolution, graph, users) : undefined;
    const unread = flow ? unreadChannels(convolution, flow, weights) : [];
    const weight = convolution.inputs[1]!;
    const shared = [weight, ...(flow?.readers ?? []).map(({ inputs }) => inputs[1]!)];
    if (
      !flow ||
      unread.length === 0 ||
      !shared.every((state) => isState(state) && users.get(state)!.length === 1)
    )
      continue;
    const all = Array.from({ length: shapeOf(weight)[0]! }, (_, c) => c);
    const dropped = new Set(unread.length === all.length ? unread.slice(1) : unread);
    const kept = all.filter((c) => !dropped.has(c));
    const cut = (state: Value, axis: number): void =>
      void cuts.set(state, [...(cuts.get(state) ?? []), { axis, kept }]);
    cut(weight, 0);
    for (const vector of flow.vectors) cut(vector, 0);
    for (const reader of flow.readers) cut(reader.inputs[1]!, 1);
    done.push(
      `Cut ${integer(dropped.size)} of ${integer(all.length)} filters of ${nodeName(convolution)} that nothing reads.`,
    );
  }
  const narrowed = new Map(weights);
  for (const [state, own] of cuts)
    narrowed.set(
      state.name,
      own.reduce((tensor, { axis, kept }) => taken(tensor, axis, kept), weights.get(state.name)!),
    );
  const rewritten = rewriteGraph(graph, opTable, ({ value }) =>
    cuts.has(value)
      ? makeValue({ ...value, type: { ...value.type, shape: narrowed.get(value.name)!.shape } })
      : null,
  );
  return { graph: verifyGraph(rewritten, opTable, "pruneUnread"), weights: narrowed, done };
}

/** The numbers at the kept places of an axis. */
function taken({ shape, data }: Tensor, axis: number, kept: readonly number[]): Tensor {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const length = shape[axis]!;
  const result = new Float32Array(outer * kept.length * inner);
  for (let o = 0; o < outer; o++)
    for (const [to, from] of kept.entries())
      for (let i = 0; i < inner; i++)
        result[(o * kept.length + to) * inner + i] = data[(o * length + from) * inner + i]!;
  return { shape: shape.with(axis, kept.length), data: result };
}
