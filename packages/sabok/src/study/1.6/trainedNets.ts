// The chapter's two trained nets: the same small residual network of 14x14 images with the original and with the
// pre-activation block. tools/study/residual.mjs trains them.
import { tensor, type Tensor } from "../../core/index.ts";
import { gradients } from "../../autodiff/index.ts";
import { GraphBuilder, makeGraph, shapeOf, type Value } from "../../graph/index.ts";
import {
  add,
  batchNorm,
  conv2d,
  globalAvgPool,
  linear,
  network,
  relu,
  scope,
  type Network,
  type Weights,
} from "../../nn/index.ts";
import { crossEntropy } from "../../ops/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { dot, varianceOf } from "../draw.ts";
import { familyClasses, familyImages, familyInput } from "../mobileFamily.ts";
import { agreement } from "../pointClassifier.ts";

export const trainedKinds = ["post", "pre"] as const;
export type TrainedKind = (typeof trainedKinds)[number];

export const trainedBlocks = 8;
const channels = 16;

const convolve = (x: Value, name: string): Value => conv2d(x, { out: channels, kernel: 3, padding: 1, name });
const norm = (x: Value, name: string): Value => batchNorm(x, { name });

/** Stem of stride 2, eight blocks of 16 channels at 7x7, classifier; the outputs also name each block's input and output. */
export function residualNetwork(kind: TrainedKind, { looking = false, seed = 1 } = {}): Network {
  return network(
    { image: familyInput },
    ({ image }) => {
      const stem = conv2d(image, { out: channels, kernel: 3, stride: 2, padding: 1, name: "stem" });
      let x = kind === "post" ? relu(norm(stem, "norm")) : stem;
      const passed = [x];
      for (let i = 0; i < trainedBlocks; i++) {
        const input = x;
        x = scope(`block${i}`, () =>
          kind === "post"
            ? relu(
                add(input, norm(convolve(relu(norm(convolve(input, "conv1"), "norm1")), "conv2"), "norm2")),
              )
            : add(
                input,
                convolve(relu(norm(convolve(relu(norm(input, "norm1")), "conv1"), "norm2")), "conv2"),
              ),
        );
        passed.push(x);
      }
      const last = kind === "pre" ? relu(norm(x, "norm")) : x;
      const logits = linear(globalAvgPool(last), { out: familyClasses, name: "classifier" });
      return looking
        ? { logits, ...Object.fromEntries(passed.map((value, i) => [`x${i}`, value])) }
        : { logits };
    },
    { seed },
  );
}

export interface TrainedFindings {
  /** On the 2000 test images, as the training script measured it. */
  readonly accuracy: number;
  /** On the images at hand with the stored statistics, and with the batch's own, batches of 50. */
  readonly inference: number;
  readonly training: number;
  /** E x² before each block and after the last, and E‖∂L/∂x‖² relative to the last, at inference. */
  readonly secondMoments: readonly number[];
  readonly gradients: readonly number[];
  /** Mean squared difference of the logits, training against inference, over the variance of the latter, by batch size. */
  readonly apart: readonly number[];
}

export const apartBatches = [5, 10, 25, 50, 100, 250];

/** Undefined where the caller has no checkpoints to offer. */
export async function trainedFindings(
  kind: TrainedKind,
  context: ChapterContext,
): Promise<TrainedFindings | undefined> {
  const states = await context.checkpoint?.(`residual-${kind}`);
  const stored = await familyImages(context, 500);
  if (!states || !stored) return undefined;
  const net = residualNetwork(kind, { looking: true });
  const { images, labels } = stored;
  const inferred = await logitsOf(toInference(net.graph), states, images, 250);
  const apart: number[] = [];
  let training = NaN;
  for (const batch of apartBatches) {
    const own = await logitsOf(net.graph, states, images, batch);
    const difference = own.map((value, i) => value - inferred[i]!);
    apart.push(dot(difference, difference) / difference.length / varianceOf(inferred));
    if (batch === 50) training = agreement(classesOf(own), labels);
  }
  return {
    accuracy: states.get("measured.accuracy")!.data[0]!,
    inference: agreement(classesOf(inferred), labels),
    training,
    ...(await signalOf(net, states, images, labels)),
    apart,
  };
}

function classesOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / familyClasses }, (_, i) => {
    const row = logits.subarray(i * familyClasses, (i + 1) * familyClasses);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

async function logitsOf(
  graph: Network["graph"],
  states: Weights,
  images: Tensor,
  batch: number,
): Promise<Float32Array> {
  const session = await createSession(
    withBatch(makeGraph({ ...graph, outputs: { logits: graph.outputs["logits"]! }, updates: [] }), batch),
  );
  session.setStates(states);
  const size = images.data.length / images.shape[0]!;
  const logits: number[] = [];
  for (let start = 0; start < images.data.length; start += batch * size)
    logits.push(
      ...(await session.run({ image: images.data.slice(start, start + batch * size) }))["logits"]!.data,
    );
  return Float32Array.from(logits);
}

/** E x² and the gradient's size at each block of 100 images, statistics frozen. */
async function signalOf(net: Network, states: Weights, images: Tensor, labels: readonly number[]) {
  const count = 100;
  const graph = withBatch(toInference(net.graph), count);
  const g = new GraphBuilder();
  const logits = graph.outputs["logits"]!;
  const target = g.input("target", shapeOf(logits));
  const loss = g.apply(crossEntropy, [logits, target], { smoothing: 0 });
  const passed = Array.from({ length: trainedBlocks + 1 }, (_, i) => graph.outputs[`x${i}`]!);
  const found = gradients(g, loss, passed);
  const looked = Object.fromEntries(
    passed.flatMap((value, i) => [
      [`x${i}`, value],
      [`dx${i}`, found[i]!],
    ]),
  );
  const session = await createSession(makeGraph({ inputs: { ...graph.inputs, target }, outputs: looked }));
  session.setStates(states);
  const onehot = new Float32Array(count * familyClasses);
  for (let i = 0; i < count; i++) onehot[i * familyClasses + labels[i]!] = 1;
  const size = images.data.length / images.shape[0]!;
  const outputs = await session.run({
    image: tensor([count, ...familyInput], images.data.slice(0, count * size)),
    target: onehot,
  });
  const mean = (name: string): number =>
    dot(outputs[name]!.data, outputs[name]!.data) / outputs[name]!.data.length;
  const last = mean(`dx${trainedBlocks}`);
  return {
    secondMoments: passed.map((_, i) => mean(`x${i}`)),
    gradients: passed.map((_, i) => mean(`dx${i}`) / last),
  };
}
