// Reverse mode over the graph: the gradient of a value is more graph, so it can be differentiated again.
import { SabokError, ShapeError, formatShape, invariant } from "../core/index.ts";
import { isLeaf, reachable, shapeOf, type GraphBuilder, type Operator, type Value } from "../graph/index.ts";
import { add } from "../ops/add.ts";
import { affine } from "../ops/affine.ts";
import { opTable } from "../ops/index.ts";

/**
 * The vector-Jacobian product: for y with cotangent dy (of y's shape), the gradient of ⟨y, dy⟩ to each of `wrt`.
 * Where y does not depend on a value its gradient is zeros.
 * Throws SabokError where the way from y to a value leads through an operator without a gradient.
 */
export function vectorJacobianProduct(g: GraphBuilder, y: Value, dy: Value, wrt: readonly Value[]): Value[] {
  if (formatShape(shapeOf(y)) !== formatShape(shapeOf(dy)))
    throw new ShapeError(
      `gradient of "${y.name}": its cotangent has shape ${formatShape(shapeOf(dy))}, expected ${formatShape(shapeOf(y))}.`,
    );
  const order = reachable([y]);
  const needed = dependents(order, wrt);
  const cotangents = new Map<Value, Value>([[y, dy]]);
  for (const value of order.reverse()) {
    const cotangent = cotangents.get(value);
    if (!cotangent || isLeaf(value) || !value.inputs.some((input) => needed.has(input))) continue;
    const contributions = g.at(value.name, () => operandGradients(g, value, cotangent));
    value.inputs.forEach((input, i) => {
      const contribution = contributions[i];
      if (!contribution || !needed.has(input)) return;
      const sum = cotangents.get(input);
      cotangents.set(input, sum ? g.apply(add, [sum, contribution]) : contribution);
    });
  }
  return wrt.map((value) => cotangents.get(value) ?? g.apply(affine, [value], { scale: 0 }));
}

/** The gradients of a scalar (a loss) to each of `wrt`, with the builder's values as graph. */
export function gradients(g: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  if (shapeOf(loss).length !== 0)
    throw new ShapeError(
      `gradients: "${loss.name}" has shape ${formatShape(shapeOf(loss))}, expected a scalar; sum or average it first.`,
    );
  const one = g.constant({ shape: [], data: Float64Array.of(1) });
  return vectorJacobianProduct(g, loss, one, wrt);
}

function operandGradients(g: GraphBuilder, value: Value, dy: Value): readonly (Value | null)[] {
  const spec: Operator | undefined = opTable[value.op];
  invariant(spec, `no operator named "${value.op}"`);
  if (spec.grad === "none")
    throw new SabokError(
      `${value.op} "${value.name}" has no gradient, so nothing before it can be differentiated.`,
    );
  if (spec.grad !== "expand")
    return spec.grad(g, dy, { inputs: value.inputs, attrs: value.attrs, output: value });
  invariant(spec.expand, `${value.op} has no expansion to differentiate`);
  return expandedGradients(g, spec.expand(g, value), dy, value.inputs);
}

/**
 * The gradients through an expansion, to its operands and no further. An operand that depends on another operand
 * (a batch's mean and the batch) must not be entered, so the walk stops at operands.
 */
function expandedGradients(
  g: GraphBuilder,
  expansion: Value,
  dy: Value,
  operands: readonly Value[],
): readonly (Value | null)[] {
  const ends = new Set(operands);
  const order: Value[] = [];
  const seen = new Set<Value>();
  const stack = [expansion];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    order.push(value);
    if (!ends.has(value)) stack.push(...value.inputs);
  }
  order.sort((a, b) => b.id - a.id);
  const cotangents = new Map<Value, Value>([[expansion, dy]]);
  for (const value of order) {
    const cotangent = cotangents.get(value);
    if (!cotangent || ends.has(value) || isLeaf(value)) continue;
    operandGradients(g, value, cotangent).forEach((contribution, i) => {
      const input = value.inputs[i]!;
      if (!contribution) return;
      const sum = cotangents.get(input);
      cotangents.set(input, sum ? g.apply(add, [sum, contribution]) : contribution);
    });
  }
  return operands.map((operand, i) =>
    operands.indexOf(operand) === i ? (cotangents.get(operand) ?? null) : null,
  );
}

/** Of values in topological order, those that depend on one of the targets, the targets included. */
function dependents(order: readonly Value[], targets: readonly Value[]): Set<Value> {
  const found = new Set<Value>(targets);
  for (const value of order) if (value.inputs.some((input) => found.has(input))) found.add(value);
  return found;
}
