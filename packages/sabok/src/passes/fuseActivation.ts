// An activation, and the bias before it, move into the operator that makes their input.
import {
  activationNames,
  conv2d,
  fusedConv2d,
  fusedLinear,
  linear,
  opTable,
  type ActivationName,
} from "../ops/index.ts";
import {
  GraphBuilder,
  attributesOf,
  makeValue,
  rewriteGraph,
  usersOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";

const isActivation = (op: string): op is ActivationName => activationNames.some((name) => name === op);

/**
 * batchNorm → activation becomes one batchNorm; conv2d → biasAdd (→ activation) becomes fusedConv2d and
 * linear → biasAdd (→ activation) fusedLinear. Only where the value in between has no other reader. The function
 * is the same; each fused operator's expansion is what stood there before.
 */
export function fuseActivation(graph: Graph): Graph {
  const users = usersOf(graph);
  const isOnlyReadBy = (value: Value, user: Value): boolean =>
    users.get(value)!.length === 1 && users.get(value)![0] === user && !isResult(graph, value);
  const g = new GraphBuilder();
  const fused = rewriteGraph(graph, opTable, ({ value, inputs }) => {
    const [source] = inputs;
    if (!source) return null;
    if (value.op === "biasAdd" && isOnlyReadBy(value.inputs[0]!, value)) {
      const bias = inputs[1]!;
      if (source.op === "conv2d")
        return g.at(source.name, () =>
          g.apply(fusedConv2d, [source.inputs[0]!, source.inputs[1]!, bias], attributesOf(source, conv2d)),
        );
      if (source.op === "linear" && source.type.shape.length === 2)
        return g.at(source.name, () =>
          g.apply(fusedLinear, [source.inputs[0]!, source.inputs[1]!, bias], attributesOf(source, linear)),
        );
    }
    const takesActivation =
      source.op === "batchNorm" || source.op === "fusedConv2d" || source.op === "fusedLinear";
    if (!isActivation(value.op) || !takesActivation || source.attrs["activation"] !== "none") return null;
    if (!isOnlyReadBy(value.inputs[0]!, value)) return null;
    const slope = value.attrs["slope"] ?? source.attrs["slope"]!;
    return makeValue({ ...source, attrs: { ...source.attrs, activation: value.op, slope } });
  });
  return verifyGraph(fused, opTable, "fuseActivation");
}

function isResult(graph: Graph, value: Value): boolean {
  return (
    Object.values(graph.outputs).includes(value) || graph.updates.some((update) => update.value === value)
  );
}
