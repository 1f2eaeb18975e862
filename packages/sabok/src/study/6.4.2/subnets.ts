// Parts of a trained family network: which expanded channels each block keeps, how important they are, how accurate the part is,
// and its batch norms' statistics taken anew.
import { tensor, type Tensor } from "../../core/index.ts";
import { makeGraph, shapeOf, type Graph } from "../../graph/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import { familyBlocks, type FamilyImages } from "../mobileFamily.ts";

export type States = ReadonlyMap<string, Tensor>;

/** Of each expanded channel of a block, Σ|w| over the projection's weights that read it: how Once-for-All ranks channels. */
export function channelImportance(states: States, block: string): number[] {
  const { shape, data } = states.get(`${block}.project.0.weight`)!;
  const [out, expanded] = shape as [number, number];
  return Array.from({ length: expanded }, (_, e) => {
    let sum = 0;
    for (let n = 0; n < out; n++) sum += Math.abs(data[n * expanded + e]!);
    return sum;
  });
}

/** The channels by falling importance. */
export function byImportance(importance: readonly number[]): number[] {
  return importance.map((_, e) => e).sort((a, b) => importance[b]! - importance[a]!);
}

/** Which axis of each state of a block runs over the expanded channels. */
const expandedAxis: Readonly<Record<string, number>> = {
  "expand.0.weight": 0,
  "depthwise.0.weight": 0,
  "project.0.weight": 1,
  "se.fc1.weight": 1,
  "se.fc2.weight": 0,
  "se.fc2.bias": 0,
  ...Object.fromEntries(
    ["expand.1", "depthwise.1"].flatMap((norm) =>
      ["weight", "bias", "running_mean", "running_var"].map((state) => [`${norm}.${state}`, 0]),
    ),
  ),
};

/** The states with only the given expanded channels of each block, in the given order: expand, norms, depthwise, gate, projection. */
export function withChannels(states: States, kept: readonly (readonly number[])[]): Map<string, Tensor> {
  return new Map(
    [...states].map(([name, state]) => {
      const at = familyBlocks.findIndex((block) => name.startsWith(`${block.name}.`));
      const axis = at < 0 ? undefined : expandedAxis[name.slice(familyBlocks[at]!.name.length + 1)];
      return [name, axis === undefined ? state : take(state, axis, kept[at]!)];
    }),
  );
}

function take({ shape, data }: Tensor, axis: number, indices: readonly number[]): Tensor {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const length = shape[axis]!;
  const taken = new Float32Array(outer * indices.length * inner);
  for (let o = 0; o < outer; o++)
    indices.forEach((from, to) => {
      const start = (o * length + from) * inner;
      taken.set(data.subarray(start, start + inner), (o * indices.length + to) * inner);
    });
  return tensor([...shape.slice(0, axis), indices.length, ...shape.slice(axis + 1)], taken);
}

/** Top-1 on images, with the running statistics that the states hold. */
export async function accuracyOf(
  trainingGraph: Graph,
  states: States,
  { images, labels }: FamilyImages,
): Promise<number> {
  const session = await createSession(withBatch(toInference(trainingGraph), labels.length));
  session.setStates(states);
  const logits = (await session.run({ image: images }))["logits"]!;
  session.close();
  const classes = logits.shape[1]!;
  const right = labels.filter((label, i) => {
    const row = logits.data.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}

/** The states with every running statistic replaced by the statistic of one large batch. */
export async function recalibrated(
  trainingGraph: Graph,
  states: States,
  { images, labels }: FamilyImages,
): Promise<Map<string, Tensor>> {
  const graph = withBatch(trainingGraph, labels.length);
  const averages = graph.updates.filter(({ value }) => value.op === "movingAverage");
  const outputs = Object.fromEntries(averages.map(({ state, value }) => [state.name, value.inputs[1]!]));
  const session = await createSession(makeGraph({ inputs: graph.inputs, outputs }));
  session.setStates(states);
  const found = await session.run({ image: images });
  session.close();
  const fresh = averages.map(({ state, value }): [string, Tensor] => {
    const correction = value.attrs["correction"] as number;
    return [
      state.name,
      tensor(
        shapeOf(state),
        found[state.name]!.data.map((x) => x * correction),
      ),
    ];
  });
  return new Map([...states, ...fresh]);
}
