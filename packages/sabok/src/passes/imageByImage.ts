// The front of a network, where the maps are large, image by image: each map is still in the cache when the next layer reads
// it, and all images share one small piece of memory. The back, where weights outweigh maps, keeps the whole batch.
import { sizeOf } from "../core/index.ts";
import {
  GraphBuilder,
  isLeaf,
  makeValue,
  rebuild,
  rewriteGraph,
  shapeOf,
  usersOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { concat, opTable, slice, type OpName } from "../ops/index.ts";

/** Operators that treat every image of a batch on its own, whatever their attributes. */
const perImage: ReadonlySet<string> = new Set<OpName>([
  ...(["conv2d", "fusedConv2d", "biasAdd", "batchNorm", "add", "sub", "mul", "div", "affine"] as const),
  ...(["relu", "relu6", "leakyRelu", "sigmoid", "hardSigmoid", "hardSwish", "silu", "tanh"] as const),
  ...(["maxPool2d", "averagePool2d", "globalAveragePool", "resize"] as const),
]);

/** A batch whose largest map takes no more bytes than this stays in a core's cache as it is. */
const cachedBytes = 1 << 20;
/** Copies of the front there are at most; larger batches go through it by several images. */
const mostParts = 16;

/**
 * The same function, to the same bits, for an inference graph with one input [N,C,H,W], N > 1. The front ends at the last
 * value that all later ones depend on and before which every convolution reads and writes more numbers an image than it
 * has weights. A graph without such a front, or whose maps are small, stays as it is.
 */
export function imageByImage(graph: Graph): Graph {
  const [input, ...others] = Object.values(graph.inputs);
  if (!input || others.length > 0 || graph.updates.length > 0 || shapeOf(input).length !== 4) return graph;
  const images = shapeOf(input)[0]!;
  const front = images > 1 ? frontOf(graph, input) : [];
  const cut = front.at(-1);
  if (!cut || Math.max(...front.map(numbersOf)) * 4 <= cachedBytes) return graph;
  let parts = Math.min(images, mostParts);
  while (images % parts !== 0) parts--;
  const size = images / parts;
  const g = new GraphBuilder();
  const partOf = (source: Value, part: number, leaf: (old: Value) => Value): Value => {
    const own = new Map<Value, Value>();
    const rest = shapeOf(source).slice(1);
    const attrs = { starts: [part * size, 0, 0, 0], sizes: [size, ...rest], steps: [1, 1, 1, 1] };
    own.set(
      input,
      g.at(source.name, () => g.apply(slice, [source], attrs)),
    );
    for (const value of front) {
      const operands = value.inputs.map((operand) => own.get(operand) ?? leaf(operand));
      own.set(value, rebuild(makeValue({ ...value }), operands, opTable));
    }
    return own.get(cut)!;
  };
  const split = rewriteGraph(graph, opTable, ({ value, rewritten }) => {
    if (value !== cut) return null;
    const pieces = Array.from({ length: parts }, (_, part) => partOf(rewritten(input), part, rewritten));
    return g.at(cut.name, () => g.apply(concat, pieces, { axis: 0 }));
  });
  return verifyGraph(split, opTable, "imageByImage");
}

/** What is computed from the input up to the cut, the cut last; empty where there is none. */
function frontOf(graph: Graph, input: Value): Value[] {
  const users = usersOf(graph);
  const results = new Set(Object.values(graph.outputs));
  const images = shapeOf(input)[0]!;
  const seen = new Set<Value>([input]);
  const front: Value[] = [];
  const open = new Set<Value>([input]);
  let best = 0;
  for (const value of graph.values) {
    if (isLeaf(value) || !value.inputs.some((operand) => seen.has(operand))) continue;
    const belongs = perImage.has(value.op) && shapeOf(value)[0] === images && !results.has(value);
    if (!belongs || !isLight(value, images)) break;
    front.push(value);
    seen.add(value);
    open.add(value);
    for (const before of open)
      if (before !== value && users.get(before)!.every((user) => seen.has(user))) open.delete(before);
    if (open.size === 1 && open.has(value)) best = front.length;
  }
  return front.slice(0, best);
}

/** Whether a convolution's maps outweigh its weights; those of one pixel (squeeze-and-excitation) are small either way. */
function isLight(value: Value, images: number): boolean {
  const [x, w] = value.inputs;
  if (!w || (value.op !== "conv2d" && value.op !== "fusedConv2d")) return true;
  const [, , height, width] = shapeOf(value);
  return height! * width! === 1 || numbersOf(w) <= (numbersOf(x!) + numbersOf(value)) / images;
}

const numbersOf = (value: Value): number => sizeOf(shapeOf(value));
