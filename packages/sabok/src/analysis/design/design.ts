// The exact answer to: which stack of convolutions sees enough of its input for the fewest multiply-accumulates?
import { invariant } from "../../core/index.ts";
import { LowerBound } from "./bound.ts";
import type { Degenerate, Design, DesignResult, NoDesign } from "./designResult.ts";
import { optimalityOf, seenField } from "./facts.ts";
import { whyInfeasible } from "./infeasible.ts";
import {
  designProblem,
  isEnough,
  leastReceptiveField,
  seenShare,
  type DesignOptions,
  type DesignProblem,
} from "./problem.ts";
import { Search, type Node } from "./search.ts";
import { isHoleFree, layerMacs, outputsOf, stackReceptiveField } from "./stack.ts";

/** How far a search is. */
export interface DesignProgress {
  /** The number of layers being tried. */
  readonly depth: number;
  readonly deepest: number;
  readonly states: number;
  /** The cheapest stack yet that sees enough. */
  readonly best: number | undefined;
  readonly lowerBound: number;
}

export interface DesignHooks {
  readonly onProgress?: (progress: DesignProgress) => void;
  /** Stops the search; the best so far is given, with what is proved about it. */
  readonly signal?: AbortSignal;
  /** The search stops at so many states, about 200 bytes each; default 8 million. */
  readonly mostStates?: number;
}

const pauseEvery = 40; // ms
const reportEvery = 250; // ms

/**
 * The cheapest stack of square convolutions with the receptive field asked for, by exact dynamic programming, with the
 * optimum of every depth and the whole frontier of cost against receptive field. A stack whose like does not exist
 * (`feasible: false`) is no error; throws SabokError for options that make no question.
 */
export async function design(options: DesignOptions = {}, hooks: DesignHooks = {}): Promise<DesignResult> {
  const problem = designProblem(options);
  const degenerate = await degenerateOptima(problem, hooks);
  const search = new Search(problem);
  await explore(search, hooks);
  const complete = search.finishedDepth === problem.layers[1];

  const cheapest = cheapestByDepth(search);
  if (!complete) await addStacksWithoutHoles(cheapest, problem);
  const found = cheapest.map((byField) => cheapestEnough(problem, byField));
  const best = found.reduce<Candidate | undefined>(
    (a, b) => (b && (!a || b.macs < a.macs) ? b : a),
    undefined,
  );
  const bound = Math.min(best?.macs ?? Infinity, complete ? Infinity : new LowerBound(search).ofOpenStates());

  const perDepth = await answerDepths(problem, search, cheapest, found);
  const bestDesign = best ? designOf(problem, best) : null;
  const reason = best
    ? undefined
    : complete
      ? wholeReason(problem, perDepth)
      : "The search was stopped before it found a stack or could rule all out.";
  const byField = mergeDepths(cheapest);
  return {
    feasible: best !== undefined,
    ...(reason !== undefined && { reason }),
    best: bestDesign,
    perDepth,
    frontier: frontierOf(problem, byField),
    problem,
    leastReceptiveField: leastReceptiveField(problem) ?? null,
    proof: {
      complete,
      states: search.states,
      transitions: search.transitions,
      lowerBound: Number.isFinite(bound) ? bound : null,
      optimum: best?.macs ?? null,
      provedDepth: search.finishedDepth,
    },
    degenerate,
    seen: bestDesign && seenField(problem, bestDesign.layers),
    optimality: bestDesign && optimalityOf(problem, bestDesign),
    cheapestByField: byField.map(({ field, macs, node }) => ({
      receptiveField: field,
      macs,
      layers: node.depth,
    })),
  };
}

/** A finished stack of a search. */
interface Candidate {
  readonly field: number;
  readonly macs: number;
  readonly node: Node;
  readonly search: Search;
}

type ByField = Map<number, Candidate>;

async function explore(search: Search, { onProgress, signal, mostStates = 8e6 }: DesignHooks): Promise<void> {
  let rested = performance.now();
  let reported = rested;
  let bound: LowerBound | undefined;
  for (const _ of search.run()) {
    if (search.states > mostStates) return;
    const now = performance.now();
    if (now - rested < pauseEvery) continue;
    if (onProgress && now - reported > reportEvery) {
      bound ??= new LowerBound(search);
      const { layers } = search.problem;
      const found = cheapestByDepth(search).flatMap(
        (byField) => cheapestEnough(search.problem, byField)?.macs ?? [],
      );
      const best = found.length > 0 ? Math.min(...found) : undefined;
      const lowerBound = Math.min(best ?? Infinity, bound.ofOpenStates());
      onProgress({
        depth: search.finishedDepth + 1,
        deepest: layers[1],
        states: search.states,
        best,
        lowerBound,
      });
      reported = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal?.aborted) return;
    rested = performance.now();
  }
}

/** The cheapest stacks of every depth asked for, by receptive field. */
function cheapestByDepth(search: Search): ByField[] {
  const [from, to] = search.problem.layers;
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const byField: ByField = new Map();
    if (from + i < search.levels.length)
      for (const [field, node] of search.cheapestByField(from + i))
        byField.set(field, { field, macs: search.macsOf(node), node, search });
    return byField;
  });
}

/** After a stop: stacks hole-free after every layer are few, and found at once, so that every depth has a candidate. */
async function addStacksWithoutHoles(cheapest: readonly ByField[], problem: DesignProblem): Promise<void> {
  if (problem.coverage !== "final") return;
  const simpler = new Search({ ...problem, coverage: "prefix" });
  await explore(simpler, { mostStates: 1e6 });
  for (const [i, byField] of cheapestByDepth(simpler).entries())
    for (const [field, candidate] of byField) {
      const known = cheapest[i]!.get(field);
      if (!known || candidate.macs < known.macs) cheapest[i]!.set(field, candidate);
    }
}

/** Of equally cheap stacks the one that sees more. */
function cheapestEnough(problem: DesignProblem, byField: ByField): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of byField.values()) {
    if (!isEnough(problem, candidate.field)) continue;
    if (!best || candidate.macs < best.macs || (candidate.macs === best.macs && candidate.field > best.field))
      best = candidate;
  }
  return best;
}

function designOf(
  { input, channels, cost, coverage }: DesignProblem,
  { macs, node, search }: Candidate,
): Design {
  const layers = search.layersOf(node);
  const sum = layerMacs(layers, input, channels, cost).reduce((a, b) => a + b, 0);
  invariant(sum === macs, `design: the search counted ${macs} MACs, the formula ${sum}`);
  invariant(coverage === "none" || isHoleFree(layers), "design: the search gave a stack with holes");
  return {
    layers,
    macs,
    receptiveField: stackReceptiveField(layers),
    outputs: outputsOf(layers, input, cost),
  };
}

async function answerDepths(
  problem: DesignProblem,
  search: Search,
  cheapest: readonly ByField[],
  found: readonly (Candidate | undefined)[],
): Promise<(Design | NoDesign)[]> {
  let withHoles: readonly (Candidate | undefined)[] | undefined;
  const answers: (Design | NoDesign)[] = [];
  for (const [i, candidate] of found.entries()) {
    const depth = problem.layers[0] + i;
    if (candidate) answers.push(designOf(problem, candidate));
    else if (depth > search.finishedDepth)
      answers.push({ infeasible: false, reason: "Not decided: the search was stopped." });
    else {
      const fields = [...cheapest[i]!.keys()];
      if (problem.coverage !== "none") withHoles ??= await optima({ ...problem, coverage: "none" });
      answers.push({
        infeasible: true,
        reason: whyInfeasible(problem, depth, {
          largestField: fields.length > 0 ? Math.max(...fields) : undefined,
          macsWithHoles: withHoles?.[i]?.macs,
        }),
      });
    }
  }
  return answers;
}

async function optima(problem: DesignProblem, hooks: DesignHooks = {}): Promise<(Candidate | undefined)[]> {
  const search = new Search(problem);
  await explore(search, hooks);
  return cheapestByDepth(search).map((byField) => cheapestEnough(problem, byField));
}

function wholeReason(
  { layers: [from, to] }: DesignProblem,
  perDepth: readonly (Design | NoDesign)[],
): string {
  const reasons = perDepth.flatMap((answer) => ("reason" in answer ? answer.reason : []));
  const [first, last] = [reasons[0]!, reasons.at(-1)!];
  if (reasons.every((reason) => reason === last)) return last;
  return `No depth from ${from} to ${to} will do. With ${from === 1 ? "one layer" : `${from} layers`}: ${first} With ${to} layers: ${last}`;
}

/** Over all depths, by rising receptive field; of equally cheap stacks the shallowest. */
function mergeDepths(cheapest: readonly ByField[]): Candidate[] {
  const merged: ByField = new Map();
  for (const byField of cheapest)
    for (const [field, candidate] of byField)
      if (candidate.macs < (merged.get(field)?.macs ?? Infinity)) merged.set(field, candidate);
  return [...merged.values()].sort((a, b) => a.field - b.field);
}

function frontierOf(problem: DesignProblem, byField: readonly Candidate[]): Design[] {
  const frontier: Candidate[] = [];
  for (const candidate of byField.toReversed()) {
    const larger = frontier.at(-1);
    if (larger && candidate.macs >= larger.macs) continue;
    // With padding the field is clipped: what sees no less for less makes the larger one worthless.
    if (larger && seenShare(problem, candidate.field) === seenShare(problem, larger.field)) frontier.pop();
    frontier.push(candidate);
  }
  return frontier.reverse().map((candidate) => designOf(problem, candidate));
}

/** The shallow depths suffice to see it. */
const degenerateDepths = 4;

async function degenerateOptima(problem: DesignProblem, { signal }: DesignHooks): Promise<Degenerate> {
  const depths = Math.min(problem.layers[1], degenerateDepths);
  const unbounded: DesignProblem = {
    ...problem,
    layers: [1, depths],
    channels: problem.channels.slice(0, depths + 1),
    coverage: "none",
    minOutput: 1,
    maxDilation: Math.max(1, Math.max(...problem.input) - 1),
  };
  const hooks: DesignHooks = { ...(signal && { signal }), mostStates: 1e6 };
  const answers = async (asked: DesignProblem): Promise<(Design | NoDesign)[]> =>
    (await optima(asked, hooks)).map((found, i) =>
      found
        ? designOf(asked, found)
        : signal?.aborted
          ? { infeasible: false, reason: "Not decided: the search was stopped." }
          : { infeasible: true, reason: whyInfeasible(asked, i + 1, { largestField: undefined }) },
    );
  // A kernel of 2 at a larger dilation sees what any larger kernel sees, and costs less.
  return {
    anyKernel: await answers({ ...unbounded, kernels: [1, 2] }),
    givenKernels: await answers(unbounded),
  };
}
