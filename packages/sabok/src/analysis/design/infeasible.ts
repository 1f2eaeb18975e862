// Why no stack of a depth will do: the first rule that alone forbids it, else what the search found.
import { isEnough, leastReceptiveField, seenShare, type DesignProblem } from "./problem.ts";

/** What the search found at the depth: the largest receptive field of any stack that keeps all other rules. */
export interface SearchFindings {
  readonly largestField: number | undefined;
  /** The fewest MACs when holes are allowed; undefined where that does not help. */
  readonly macsWithHoles?: number | undefined;
}

interface Case {
  readonly problem: DesignProblem;
  readonly depth: number;
  /** The least receptive field that is enough; undefined: none is. */
  readonly least: number | undefined;
  readonly short: number;
}

/** Each rule gives a reason where it alone forbids every stack of the depth. */
const rules: readonly ((given: Case) => string | undefined)[] = [
  aboveTheInput,
  shortEdge,
  tooFewOutputs,
  smallestKernelTooLarge,
  noKernelBigEnough,
  strideAboveKernels,
];

/** The reason, in a sentence or two. */
export function whyInfeasible(problem: DesignProblem, depth: number, found: SearchFindings): string {
  const given = { problem, depth, least: leastReceptiveField(problem), short: Math.min(...problem.input) };
  for (const rule of rules) {
    const reason = rule(given);
    if (reason !== undefined) return reason;
  }
  return fromTheSearch(given, found);
}

function aboveTheInput({ problem, least }: Case): string | undefined {
  if (least !== undefined) return undefined;
  return `No receptive field sees more than the whole input, so nothing is above a threshold of ${problem.threshold}: ask for at least that.`;
}

function shortEdge({ problem, least, short }: Case): string | undefined {
  const { input, cost } = problem;
  if (cost === "same" || isEnough(problem, short)) return undefined;
  const ratio = short / Math.max(...input);
  return (
    `Without padding a receptive field is a square within the input: at most ${short}x${short} of ${input.join("x")}, the ratio of its edges, ` +
    `${digits(ratio)} of ${measured(problem)}. The threshold of ${problem.threshold} (${problem.strict ? "above" : "at least"}) needs ${least}.`
  );
}

function tooFewOutputs({ problem, least, short, depth }: Case): string | undefined {
  const { minOutput, strides, cost } = problem;
  if (minOutput > short)
    return `The last map cannot be ${minOutput} pixels or more on an edge when the input's shorter one has ${short}.`;
  const jump = strides[0]! ** depth;
  const stride = strides[0] === 1 ? "" : ` at the least stride of ${strides[0]} in ${layerCount(depth)}`;
  const most = cost === "valid" ? Math.floor((short - least!) / jump) + 1 : Math.ceil(short / jump);
  if (most >= minOutput) return undefined;
  return cost === "valid"
    ? `A receptive field of ${least}, the least that is enough, leaves ${outputs(most)} of ${short} pixels${stride}; at least ${minOutput} are asked for.`
    : `${short} pixels leave ${outputs(most)}${stride}; at least ${minOutput} are asked for.`;
}

function smallestKernelTooLarge({ problem, short, depth }: Case): string | undefined {
  const { kernels, strides, minOutput, cost } = problem;
  if (cost === "same") return undefined;
  let field = 1;
  let jump = 1;
  for (let l = 0; l < depth; l++, jump *= strides[0]!) field += (kernels[0]! - 1) * jump;
  const limit = short - jump * (minOutput - 1);
  if (field <= limit) return undefined;
  return (
    `Even the smallest kernel, ${kernels[0]}, is too large: without padding ${layersSee(depth, "of it")} ${field} pixels, ` +
    `and ${short} pixels with at least ${outputs(minOutput)} leave room for ${Math.max(0, limit)}.`
  );
}

function noKernelBigEnough({ problem, least, depth }: Case): string | undefined {
  const { kernels, maxDilation, strides, coverage } = problem;
  const kernel = kernels.at(-1)!;
  let jump = 1;
  let free = 1;
  for (let l = 0; l < depth; l++, jump *= strides.at(-1)!) free += maxDilation * jump * (kernel - 1);
  const covered = kernel ** depth;
  if (coverage !== "none" && covered < least!)
    return `No kernel is big enough: without holes ${layersSee(depth, `of kernel ${kernel}`)} at most ${power(kernel, depth)} pixels; ${least} are needed.`;
  if (free < least!)
    return (
      `No kernel is big enough: ${layersSee(depth, `of kernel ${kernel} at dilation ${maxDilation}${strides.at(-1) === 1 ? "" : ` and stride ${strides.at(-1)}`}`)} ` +
      `at most ${free} pixels; ${least} are needed.`
    );
  return undefined;
}

function strideAboveKernels({ problem }: Case): string | undefined {
  const { strides, kernels, coverage } = problem;
  if (coverage === "none" || strides[0]! <= kernels.at(-1)!) return undefined;
  return `Stride against coverage: a stride of ${strides[0]} skips pixels between the windows of a kernel of ${kernels.at(-1)}.`;
}

function fromTheSearch(
  { problem, depth, least }: Case,
  { largestField, macsWithHoles }: SearchFindings,
): string {
  const { coverage, strides } = problem;
  const what = coverage === "none" ? "" : " without holes";
  const found =
    largestField === undefined
      ? `No stack of ${layerCount(depth)}${what} keeps all the rules at once.`
      : `Stacks of ${layerCount(depth)}${what} see at most ${largestField} pixels, ${digits(seenShare(problem, largestField))} of ${measured(problem)}; ${least} are needed.`;
  if (macsWithHoles === undefined) return found;
  const stride =
    strides.at(-1)! > 1 ? "Stride and dilation stand against coverage: " : "Coverage is what forbids it: ";
  return `${found} ${stride}with holes allowed it would take ${macsWithHoles.toLocaleString("en-US")} MACs.`;
}

/** What the measure is a share of. */
export function measured({ measure, input }: Pick<DesignProblem, "measure" | "input">): string {
  const words = {
    h: "the height",
    w: "the width",
    area: "the area",
    each: input[0] === input[1] ? "each edge" : "the longer edge",
  };
  return words[measure];
}

function layerCount(count: number): string {
  return count === 1 ? "one layer" : `${count} layers`;
}

function layersSee(count: number, which: string): string {
  return `${layerCount(count)} ${which} ${count === 1 ? "sees" : "see"}`;
}

function outputs(count: number): string {
  return count === 1 ? "1 output" : `${Math.max(0, count)} outputs`;
}

function power(base: number, exponent: number): string {
  return exponent === 1 ? String(base) : `${base}^${exponent} = ${base ** exponent}`;
}

function digits(share: number): string {
  return String(Number(share.toPrecision(3)));
}
