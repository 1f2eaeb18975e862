// Where the channels of a convolution go until other convolutions mix them: what must change with them when one is cut.
import type { Tensor } from "../../core/index.ts";
import { isState, shapeOf, type Graph, type Value } from "../../graph/index.ts";
import { isActivation, isConvolution } from "./reading.ts";

/** Operators that keep channels apart and in order; a state among their operands holds a number a channel. */
const channelwise: ReadonlySet<string> = new Set([
  "averagePool2d",
  "batchMean",
  "batchNorm",
  "batchVariance",
  "biasAdd",
  "dropout",
  "maxPool2d",
  "movingAverage",
]);

export interface ChannelFlow {
  /** Per-channel states on the way: biases, scales, running statistics. */
  readonly vectors: ReadonlySet<Value>;
  /** The convolutions that mix the channels. */
  readonly readers: readonly Value[];
}

/** Undefined where a channel reaches anything but convolutions without groups: a sum, an output, a gate. */
export function channelFlow(
  convolution: Value,
  graph: Graph,
  users: ReadonlyMap<Value, readonly Value[]>,
): ChannelFlow | undefined {
  const outputs = new Set(Object.values(graph.outputs));
  const [channels] = shapeOf(convolution.inputs[1]!);
  const vectors = new Set<Value>();
  const readers: Value[] = [];
  const way = new Set<Value>([convolution]);
  for (const state of convolution.inputs.slice(2)) vectors.add(state);
  for (const value of way) {
    if (outputs.has(value)) return undefined;
    for (const user of users.get(value) ?? []) {
      if (isConvolution(user) && user.inputs[0] === value && user.attrs["groups"] === 1) {
        readers.push(user);
        continue;
      }
      if (!channelwise.has(user.op) && !isActivation(user)) return undefined;
      way.add(user);
      for (const operand of user.inputs) if (isState(operand)) vectors.add(operand);
    }
  }
  const alone = [...vectors].every(
    (state) =>
      isState(state) &&
      shapeOf(state).join() === String(channels) &&
      users.get(state)!.every((user) => way.has(user)),
  );
  return alone && readers.length > 0 ? { vectors, readers } : undefined;
}

/** The channels for which every reader's weights are zero. */
export function unreadChannels(
  convolution: Value,
  { readers }: ChannelFlow,
  weights: ReadonlyMap<string, Tensor>,
): number[] {
  const data = readers.map((reader) => weights.get(reader.inputs[1]!.name)?.data);
  if (data.includes(undefined)) return [];
  const channels = shapeOf(convolution)[1]!;
  return Array.from({ length: channels }, (_, c) => c).filter((c) =>
    readers.every((reader, r) => {
      const [outputs, inputs, height, width] = shapeOf(reader.inputs[1]!) as [number, number, number, number];
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < height * width; i++)
          if (data[r]![(o * inputs + c) * height * width + i] !== 0) return false;
      return true;
    }),
  );
}
