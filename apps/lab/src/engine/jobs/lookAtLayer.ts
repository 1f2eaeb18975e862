// What a layer holds and what it answers: its weights, and its output for one picture.
import { SabokError, type Session, type Value } from "sabok";
import { layersOf } from "sabok/analysis";
import type { JobContext } from "../job.ts";
import { openNetwork } from "../network/networks.ts";
import { expectFits, sessionOf } from "../network/sessions.ts";
import type { NetworkSpec } from "../network/spec.ts";

export interface LookRequest {
  readonly spec: NetworkSpec;
  /** The node's name and kind. */
  readonly name: string;
  readonly kind: "layer" | "join";
  /** The name of the layer's weight; undefined: none is asked for. */
  readonly weight: string | undefined;
  /** The picture as the input wants it, [C,H,W]; undefined: no activations are asked for. */
  readonly image: Float32Array<ArrayBuffer> | undefined;
}

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export interface LookResult {
  readonly weight: Numbers | undefined;
  /** Without the batch. */
  readonly activation: Numbers | undefined;
  /** Milliseconds of the forward pass. */
  readonly milliseconds: number;
  readonly backend: string;
  /** The strongest classes: place and probability, where the output is a list of logits. */
  readonly guesses: readonly { readonly at: number; readonly probability: number }[];
}

/** Throws SabokError where the picture does not fit the input, or the network does not fit in memory. */
export async function lookAtLayer(
  { spec, name, kind, weight, image }: LookRequest,
  context: JobContext<"weights" | "compiling" | "running">,
): Promise<LookResult> {
  expectFits(spec);
  let given: Numbers | undefined;
  if (weight !== undefined) {
    context.progress("weights");
    await context.breathe();
    const found = openNetwork(spec).weights.get(weight);
    if (found) given = { shape: found.shape, data: Float32Array.from(found.data) };
  }
  let activation: Numbers | undefined;
  let milliseconds = 0;
  let backend = "";
  let guesses: LookResult["guesses"] = [];
  if (image) {
    context.progress("compiling");
    await context.breathe();
    const session = await sessionOf(spec);
    await context.breathe();
    const targets = valuesOf(session, name, kind);
    const feeds = feedsOf(session, image);
    const start = performance.now();
    const outputs = await session.run(feeds, {
      watch(value, read) {
        if (targets.includes(value))
          activation = { shape: value.type.shape.slice(1), data: read() as Float32Array<ArrayBuffer> };
      },
    });
    milliseconds = performance.now() - start;
    backend = session.backend;
    const [output] = Object.values(outputs);
    if (output && output.shape.length === 2) guesses = strongest(output.data);
  }
  context.transfer([given, activation].flatMap((numbers) => (numbers ? [numbers.data.buffer] : [])));
  return { weight: given, activation, milliseconds, backend, guesses };
}

/** The values of the compiled graph that a node of the picture stands for; the last one that is computed is its answer. */
function valuesOf({ graph }: Session, name: string, kind: "layer" | "join"): readonly Value[] {
  if (kind === "layer") return layersOf(graph).find((layer) => layer.name === name)?.values ?? [];
  const joins = graph.values.filter((value) => value.name === name && value.inputs.length > 1);
  return joins.slice(-1);
}

function feedsOf({ graph }: Session, image: Float32Array<ArrayBuffer>): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {};
  let fed = false;
  for (const [name, { type }] of Object.entries(graph.inputs)) {
    const size = type.shape.reduce((all, one) => all * one, 1);
    const isImage: boolean = !fed && type.shape.length === 4;
    if (isImage && size !== image.length)
      throw new SabokError(
        `The input "${name}" takes ${type.shape.slice(1).join("×")}, which a picture of ${image.length} numbers does not fill.`,
      );
    feeds[name] = isImage ? image : new Float32Array(size);
    fed ||= isImage;
  }
  return feeds;
}

function strongest(logits: Float32Array): { at: number; probability: number }[] {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return Array.from(powers, (power, at) => ({ at, probability: power / total }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3);
}
