// What to change about a question that has no answer: single changes that the library's own search found to help.
import { design, seenShare, type DesignOptions, type DesignProblem, type DesignResult } from "sabok/analysis";
import type { JobContext } from "../job.ts";

export interface Remedy {
  /** The option that changes, and to what. */
  readonly change: Pick<
    DesignOptions,
    | "threshold"
    | "strict"
    | "layers"
    | "kernels"
    | "maxDilation"
    | "strides"
    | "minOutput"
    | "coverage"
    | "cost"
  >;
  /** Of the cheapest stack that the search then found. */
  readonly macs: number;
}

/** Enough to find a stack where there is one; a remedy need not be the optimum. */
const mostStates = 2e5;

/** The smallest change of each option that makes a stack exist, the others as they are; none where none does. */
export async function designRemedies(
  problem: DesignProblem,
  { breathe, signal }: JobContext<never>,
): Promise<Remedy[]> {
  const remedies: Remedy[] = [];
  for (const steps of candidatesOf(problem, await solve(problem, signal))) {
    for (const change of steps) {
      await breathe();
      const { best } = await solve({ ...problem, ...change }, signal);
      if (!best) continue;
      remedies.push({ change, macs: best.macs });
      break;
    }
  }
  return remedies;
}

async function solve({ channels, ...problem }: DesignProblem, signal: AbortSignal): Promise<DesignResult> {
  const longest = problem.layers[1] + 1;
  // More layers than channels are given for: the last number goes on.
  const filled = Array.from({ length: longest }, (_, l) => channels[Math.min(l, channels.length - 1)]!);
  return design({ ...problem, channels: filled }, { signal, mostStates });
}

type Change = Remedy["change"];

/** For each option its changes, the smallest first. */
function candidatesOf(problem: DesignProblem, { frontier }: DesignResult): Change[][] {
  const { layers, kernels, maxDilation, strides, minOutput, coverage, cost, strict } = problem;
  const [from, to] = layers;
  const widest = kernels.at(-1)!;
  const most = Math.max(0, ...frontier.map(({ receptiveField }) => seenShare(problem, receptiveField)));
  const hundredths = Math.floor(100 * most + 1e-9) / 100;
  const reachable = strict && hundredths >= most ? Math.round(100 * hundredths - 1) / 100 : hundredths;
  return [
    most > 0 && reachable > 0 && reachable < problem.threshold ? [{ threshold: reachable }] : [],
    strict ? [{ strict: false }] : [],
    [1, 2, 3, 4].map((more): Change => ({ layers: [from, to + more] })),
    from > 1 ? [{ layers: [1, to] }] : [],
    [2, 4, 6, 8].map((more): Change => ({ kernels: [...kernels, widest + more] })),
    kernels[0]! > 1 ? [{ kernels: [1, ...kernels] }] : [],
    [2, 4, 8].map((times): Change => ({ maxDilation: maxDilation * times })),
    strides.includes(1) ? [] : [{ strides: [1, ...strides] }],
    strides.includes(2) ? [] : [{ strides: [...strides, 2] }],
    halvings(minOutput).map((smaller): Change => ({ minOutput: smaller })),
    coverage === "prefix"
      ? [{ coverage: "final" }, { coverage: "none" }]
      : coverage === "final"
        ? [{ coverage: "none" }]
        : [],
    cost === "valid" ? [{ cost: "same" }] : [],
  ];
}

function halvings(number: number): number[] {
  const smaller: number[] = [];
  for (let half = number >> 1; half >= 1; half >>= 1) smaller.push(half);
  return smaller;
}
