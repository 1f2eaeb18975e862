// Search spaces as directed acyclic graphs: their architectures counted, their longest paths, and the best choice under a budget.
import { SabokError, tensor, type Tensor } from "../../core/index.ts";
import { add, evaluate, matmul } from "../../nn/index.ts";

/** So many parallel edges (operations) from one node to another. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Numbers of paths from node 0 to each node, over edges that run from lower to higher nodes: one pass in topological order. */
export function countPaths(nodes: number, edges: readonly Edge[]): bigint[] {
  const paths = Array.from({ length: nodes }, (_, node) => (node === 0 ? 1n : 0n));
  for (let node = 0; node < nodes; node++)
    for (const { from, to, count } of edges) if (from === node) paths[to]! += paths[node]! * BigInt(count);
  return paths;
}

/** A_ij: the number of edges from i to j. Strictly upper triangular where the nodes are in topological order. */
export function adjacency(nodes: number, edges: readonly Edge[]): Tensor {
  const data = new Float64Array(nodes * nodes);
  for (const { from, to, count } of edges) data[from * nodes + to]! += count;
  return tensor([nodes, nodes], data);
}

/** (I − A)^{-1} = I + A + A² + …, a finite sum because A is nilpotent; by the library's matrix product. */
export async function pathMatrix(a: Tensor): Promise<Tensor> {
  const nodes = a.shape[0]!;
  const identity = tensor(
    a.shape,
    Float64Array.from({ length: nodes ** 2 }, (_, at) => (at % (nodes + 1) === 0 ? 1 : 0)),
  );
  return evaluate(
    (a, identity) => {
      // Horner: I + A(I + A(I + …)).
      let sum = identity;
      for (let power = 1; power < nodes; power++) sum = add(identity, matmul(a, sum));
      return sum;
    },
    [a, identity],
  );
}

/** One thing that may be chosen: what it costs and what it is worth. */
export interface Option {
  readonly cost: number;
  readonly value: number;
}

export interface Plan {
  readonly cost: number;
  readonly value: number;
  /** The option taken in each group. */
  readonly chosen: readonly number[];
}

/**
 * One option of each group, of the highest total value within a total cost: dynamic programming over the groups that keeps, of
 * all partial plans, those that no other beats in both. Exact where cost and value add up. Of equal values the cheapest.
 */
export function bestPlan(groups: readonly (readonly Option[])[], budget: number): Plan {
  let plans: Plan[] = [{ cost: 0, value: 0, chosen: [] }];
  for (const options of groups) {
    const next = plans.flatMap(({ cost, value, chosen }) =>
      options.map((option, i) => ({
        cost: cost + option.cost,
        value: value + option.value,
        chosen: [...chosen, i],
      })),
    );
    plans = undominated(next.filter(({ cost }) => cost <= budget + slack));
  }
  const best = plans.at(-1);
  if (best) return best;
  const least = groups.reduce((sum, options) => sum + Math.min(...options.map(({ cost }) => cost)), 0);
  throw new SabokError(
    `A budget of ${budget} admits no choice: the cheapest costs ${Number(least.toPrecision(4))}.`,
  );
}

/** Sums of decimal fractions are rounded: a plan may miss its budget by this much. */
const slack = 1e-9;

/** By rising cost, only those worth more than everything cheaper. */
function undominated(plans: readonly Plan[]): Plan[] {
  const sorted = plans.toSorted((a, b) => a.cost - b.cost || b.value - a.value);
  const kept: Plan[] = [];
  for (const plan of sorted)
    if (kept.length === 0 || plan.value > kept.at(-1)!.value + slack) kept.push(plan);
  return kept;
}

/** Every plan within the budget, looked at one by one: the highest value and how many plans have it. */
export function exhaustivePlan(
  groups: readonly (readonly Option[])[],
  budget: number,
): { value: number; optima: number; plans: number } {
  let best = { value: -Infinity, optima: 0 };
  let plans = 0;
  const visit = (at: number, cost: number, value: number): void => {
    if (cost > budget + slack) return;
    if (at < groups.length) {
      for (const option of groups[at]!) visit(at + 1, cost + option.cost, value + option.value);
      return;
    }
    plans++;
    if (value > best.value + slack) best = { value, optima: 1 };
    else if (value > best.value - slack) best.optima++;
  };
  visit(0, 0, 0);
  return { ...best, plans };
}
