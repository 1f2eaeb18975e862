// A dropped file becomes a network (ONNX, TensorFlow Lite) or weights for the one that is open (safetensors).
import { SabokError, type Graph, type Tensor } from "sabok";
import { fromOnnx, fromTflite, onnxInputs, readSafetensors } from "sabok/onnx";
import type { JobContext } from "../job.ts";
import { keepFile, keepWeights, openNetwork } from "../network/networks.ts";
import type { NetworkSpec } from "../network/spec.ts";

export interface ReadFileRequest {
  readonly id: string;
  readonly name: string;
  readonly bytes: ArrayBuffer;
  /** The network that weights are for. */
  readonly spec: NetworkSpec;
}

export type ReadFileResult =
  | { readonly kind: "network"; readonly input: readonly number[] }
  | {
      readonly kind: "weights";
      readonly used: number;
      readonly total: number;
      readonly unused: readonly string[];
    };

/** Throws SabokError where the file is none of these, or is broken. */
export function readNetworkFile(
  { id, name, bytes, spec }: ReadFileRequest,
  _context: JobContext<never>,
): ReadFileResult {
  const data = new Uint8Array(bytes);
  if (/\.safetensors$/i.test(name)) return readWeights(id, data, spec);
  if (!/\.(onnx|tflite)$/i.test(name))
    throw new SabokError(
      `"${name}" is no file that the Lab knows. Drop an .onnx, .tflite or .safetensors file.`,
    );
  const network = /\.onnx$/i.test(name) ? readOnnx(data) : fromTflite(data);
  const image = Object.values(network.graph.inputs).find(({ type }) => type.shape.length === 4);
  if (!image)
    throw new SabokError(
      `"${name}" takes no image: none of its inputs has the shape [N,C,H,W]. The Lab draws networks of images.`,
    );
  keepFile(id, { ...network, name });
  return { kind: "network", input: image.type.shape.slice(1) };
}

/** Height and width that a file leaves open are taken as 224. */
function readOnnx(data: Uint8Array): { graph: Graph; weights: ReadonlyMap<string, Tensor> } {
  const open = onnxInputs(data).filter(
    ({ shape }) => shape?.length === 4 && shape.slice(1).includes(undefined),
  );
  const shapes = open.map(({ name, shape }) => {
    const [batch = 1, channels = 3, height = 224, width = 224] = shape!;
    return [name, [batch, channels, height, width]] as const;
  });
  return fromOnnx(data, { shapes: Object.fromEntries(shapes) });
}

function readWeights(id: string, data: Uint8Array, spec: NetworkSpec): ReadFileResult {
  const { tensors } = readSafetensors(data);
  const { weights: _, ...plain } = spec;
  const { weights } = openNetwork(plain);
  const fits = (name: string): boolean => weights.get(name)?.shape.join() === tensors.get(name)!.shape.join();
  const used = [...tensors.keys()].filter(fits);
  if (used.length === 0)
    throw new SabokError(
      `None of the ${tensors.size} tensors of the file fits a weight of this network, which has ${weights.size}, such as ${[...weights.keys()].slice(0, 2).join(", ")}. Open the network that they were trained for first.`,
    );
  keepWeights(id, tensors);
  const unused = [...tensors.keys()].filter((name) => !fits(name));
  return { kind: "weights", used: used.length, total: weights.size, unused: unused.slice(0, 5) };
}
