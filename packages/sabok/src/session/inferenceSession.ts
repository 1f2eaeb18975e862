// A model of any format as something that answers: bound to the shapes it is fed, planned anew when these change.
import { SabokError, formatShape, nearestNames, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { shapeOf } from "../graph/index.ts";
import type { ModelMetadata } from "../onnx/index.ts";
import { foldBatchNorm, fuseActivation, toInference } from "../passes/index.ts";
import { createSession, type Feed, type Session } from "../runtime/index.ts";
import type { ImageOptions } from "./imageTensor.ts";
import type { ModelFile, ModelFormat, OpenedModel } from "./readModel.ts";

export interface OpenOptions {
  /** Threads that share the work; the numbers are the same bits for any number. Default 1. */
  readonly threads?: number;
  /**
   * Shapes of inputs by name, [N,C,H,W] for maps: binds what the file leaves open when the session opens. Without it an open batch is
   * 1 and other open dimensions wait for the first tensor; the session is planned anew whenever a tensor of another shape is fed.
   */
  readonly input?: Readonly<Record<string, Shape>>;
  /** Where a part of a tfjs or TFLite model ends: names of nodes. Its inputs may be any nodes, named by `input`. */
  readonly outputs?: readonly string[];
}

/** What an input takes or an output gives. */
export interface TensorInfo {
  /** Maps are [N,C,H,W]. A dimension that the file leaves open is null; undefined where the file gives no shape at all. */
  readonly shape: readonly (number | null)[] | undefined;
  /** The element type the file states: "float32", "float16", "uint8", "int64" …; sabok computes in float32 whatever it is. */
  readonly type: string;
}

/** A tensor that a run gave. */
export type Result = Tensor & { readonly data: Float32Array };

/** A model that answers. Runs that are asked for at the same time are done one after the other. */
export interface InferenceSession {
  readonly format: ModelFormat;
  /** What the file says beside the graph: classes, normalisation, a description. */
  readonly metadata: ModelMetadata;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
  /** How an image becomes the model's input, as far as its file says: the options of `fromImage`. */
  readonly image: ImageOptions;
  /** What computes the numbers: "wasm, simd, 1 thread"; undefined until the session is bound. */
  readonly backend: string | undefined;
  /**
   * Runs the model: every input by name in, every output by name out. A feed is a tensor, or its bare data where the
   * shape is bound. Throws a SabokError for an unknown or missing input and a shape the model does not take.
   */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Result>>;
  /** Ends the threads; the session cannot run any more. */
  close(): void;
}

interface Bound {
  readonly key: string;
  readonly model: ModelFile;
  readonly session: Session;
}

/** A session over a model that was opened; it is bound at once where every shape is known. */
export async function createInferenceSession(
  model: OpenedModel,
  options: OpenOptions = {},
): Promise<InferenceSession> {
  const session = new BindingSession(model, options);
  await session.bindIfKnown();
  return session;
}

class BindingSession implements InferenceSession {
  readonly format: ModelFormat;
  private readonly model: OpenedModel;
  private readonly options: OpenOptions;
  private bound: Bound | undefined;
  private closed = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(model: OpenedModel, options: OpenOptions) {
    this.model = model;
    this.options = options;
    this.format = model.format;
    const known = model.declared?.map(({ name }) => name);
    for (const name of Object.keys(options.input ?? {}))
      if (known && !known.includes(name)) throw unknownInput(model.name, name, known);
  }

  get metadata(): ModelMetadata {
    return this.bound?.model.metadata ?? {};
  }

  get backend(): string | undefined {
    return this.bound?.session.backend;
  }

  get inputs(): Record<string, TensorInfo> {
    if (this.model.declared)
      return Object.fromEntries(
        this.model.declared.map(({ name, shape, type }) => [
          name,
          { shape: shape?.map((dimension) => dimension ?? null), type },
        ]),
      );
    const { graph, elementTypes } = this.bound!.model;
    return Object.fromEntries(
      Object.entries(graph.inputs).map(([name, input]) => [
        name,
        { shape: shapeOf(input), type: elementTypes.inputs[name] ?? "float32" },
      ]),
    );
  }

  get outputs(): Record<string, TensorInfo> {
    if (!this.bound) return {};
    const { graph, elementTypes } = this.bound.model;
    return Object.fromEntries(
      Object.entries(graph.outputs).map(([name, output]) => [
        name,
        { shape: shapeOf(output), type: elementTypes.outputs[name] ?? "float32" },
      ]),
    );
  }

  get image(): ImageOptions {
    const { mean, std, inputSize } = this.metadata;
    const [first] = Object.keys(this.inputs);
    const shape = this.boundShape(first!) ?? this.inputs[first!]?.shape;
    const [height, width] = (shape?.length === 4 ? shape : (inputSize ?? [])).slice(-2);
    return {
      ...(height && width && { size: [height, width] as const }),
      ...(mean && std && { mean, std }),
    };
  }

  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Result>> {
    const result = this.last.then(() => this.runNow(feeds));
    this.last = result.catch(() => {});
    return result;
  }

  close(): void {
    this.closed = true;
    this.bound?.session.close();
  }

  /** Binds where no more than the batch is open; it is 1 until another one is fed. */
  async bindIfKnown(): Promise<void> {
    const given = this.options.input ?? {};
    const isOpen = this.model.declared?.some(
      ({ name, shape }) => !given[name] && (!shape || shape.indexOf(undefined, 1) >= 0),
    );
    if (!isOpen) await this.bind(given);
  }

  private async runNow(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Result>> {
    if (this.closed)
      throw new SabokError(`${this.model.name}: the session was closed; open the model again.`);
    const names = Object.keys(this.inputs);
    for (const name of Object.keys(feeds))
      if (!names.includes(name)) throw unknownInput(this.model.name, name, names);
    const shapes = Object.fromEntries(names.map((name) => [name, this.shapeFed(name, feeds[name])]));
    const { session, model } = await this.bind(shapes);
    // What the model computes shapes from, or does not read at all, the graph no longer takes.
    const wanted = Object.keys(model.graph.inputs).map((name) => [name, feeds[name]!] as const);
    return session.run(Object.fromEntries(wanted));
  }

  /** The session for these shapes: the one there is, or a new one in its place. */
  private async bind(shapes: Readonly<Record<string, Shape>>): Promise<Bound> {
    const key = keyOf(shapes);
    if (this.bound?.key === key) return this.bound;
    const { outputs, threads = 1 } = this.options;
    const isChannelsLast = this.format === "tfjs" || this.format === "tflite";
    const model = await this.model.bind({
      shapes: isChannelsLast
        ? Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, channelsLast(shape)]))
        : shapes,
      ...(outputs && { outputs }),
    });
    const actual = Object.fromEntries(
      Object.entries(model.graph.inputs).map(([name, input]) => [name, shapeOf(input)]),
    );
    const whole = keyOf({ ...shapes, ...actual });
    if (this.bound?.key === whole) return this.bound;
    const { graph, weights } = foldBatchNorm(toInference(model.graph), model.weights);
    const session = await createSession(fuseActivation(graph), { threads });
    session.setStates(weights);
    this.bound?.session.close();
    return (this.bound = { key: whole, model, session });
  }

  private boundShape(name: string): Shape | undefined {
    const input = this.bound?.model.graph.inputs[name];
    return input && shapeOf(input);
  }

  /** The shape of a feed, checked against what the file fixes. */
  private shapeFed(name: string, feed: Feed | undefined): Shape {
    const info = this.inputs[name]!;
    const says = `"${name}" takes ${info.shape ? formatShape(info.shape.map((d) => d ?? NaN)).replaceAll("NaN", "?") : "a tensor"}`;
    if (!feed) throw new SabokError(`${this.model.name}: the input "${name}" was not given; ${says}.`);
    if (!("shape" in feed)) {
      const shape = this.boundShape(name);
      if (!shape)
        throw new SabokError(
          `${this.model.name}: ${says}; give a tensor { shape, data }, or bind the shape by open(…, { input: { "${name}": […] } }).`,
        );
      if (sizeOf(shape) === feed.length) return shape;
      throw new SabokError(
        `${this.model.name}: ${says}, ${sizeOf(shape)} numbers; it was given ${feed.length}.`,
      );
    }
    if (sizeOf(feed.shape) !== feed.data.length)
      throw new SabokError(
        `${this.model.name}: the tensor for "${name}" says shape ${formatShape(feed.shape)}, but holds ${feed.data.length} numbers.`,
      );
    const fixed = this.model.declared?.find((input) => input.name === name)?.shape;
    const given = this.options.input?.[name];
    const fits =
      !fixed || given
        ? (given ?? feed.shape).length === feed.shape.length
        : fixed.length === feed.shape.length &&
          fixed.every((d, axis) => d === undefined || d === feed.shape[axis]);
    if (fits) return feed.shape;
    const declared = fixed ? `[${fixed.map((d) => d ?? "?").join(",")}]` : formatShape(given!);
    throw new SabokError(
      `${this.model.name}: the input "${name}" has shape ${declared} in the file; it was given ${formatShape(feed.shape)}.`,
    );
  }
}

function keyOf(shapes: Readonly<Record<string, Shape>>): string {
  return JSON.stringify(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** [N,C,H,W] as TensorFlow says it; other ranks as they are. */
function channelsLast(shape: Shape): Shape {
  const [batch, channels, height, width] = shape;
  return shape.length === 4 ? [batch!, height!, width!, channels!] : shape;
}

function unknownInput(model: string, name: string, known: readonly string[]): SabokError {
  const nearest = nearestNames(name, known, 1)[0];
  return new SabokError(
    `${model}: has no input "${name}"; its inputs are ${known.map((each) => `"${each}"`).join(", ")}.${nearest ? ` Did you mean "${nearest}"?` : ""}`,
  );
}
