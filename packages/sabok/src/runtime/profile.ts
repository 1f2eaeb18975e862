// Where a plan's time goes: each step's time beside what the machine could do at best with its arithmetic and its bytes.
import type { Shape } from "../core/index.ts";
import { isLeaf, shapeOf, type Value } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import type { Storage } from "../backends/wasm/index.ts";
import { clockSteps } from "./clockSteps.ts";
import { bandwidthAt, measurePeaks, type Peaks } from "./peaks.ts";
import type { Plan, PlanStep } from "./plan.ts";
import { createSession, type Feed, type Session } from "./session.ts";

/** Milliseconds over the runs. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * What a step's time goes to: arithmetic or moving bytes, whichever would take longer at the machine's peak; "overhead"
 * where neither explains a quarter of it: calls, waiting, work that is not counted.
 */
export type Bound = "compute" | "memory" | "overhead";

export interface StepProfile {
  /** Where the step's value stands in the network: "features.3.conv.0". */
  readonly name: string;
  readonly op: string;
  /** "host" for a reference operator. */
  readonly kernel: string;
  /** Of the value it works for. */
  readonly shape: Shape;
  /** Multiply-accumulates of the value, at its longest kernel; 0 for the others that prepare or finish it. */
  readonly macs: number;
  /** Bytes read and written: each storage once, twice where the result takes an operand's place. */
  readonly bytes: number;
  readonly milliseconds: Spread;
  /** Of the peak that bounds it: the least time for its arithmetic or bytes, whichever is longer, over the median. */
  readonly share: number;
  readonly bound: Bound;
}

export interface Profile {
  readonly steps: readonly StepProfile[];
  /** Of whole runs of the plan, without feeding and reading. */
  readonly milliseconds: Spread;
  /** When each step of the median run began and how long it took, milliseconds from the run's begin. */
  readonly timeline: readonly {
    readonly step: number;
    readonly begin: number;
    readonly milliseconds: number;
  }[];
  readonly peaks: Peaks;
}

/**
 * Times every step of a session's plan over some runs after warm-up, on the session's number of threads. A copy of the
 * session runs, so that its states do not move. `peaks` are measured when not given.
 * @param feeds what `session.run` takes
 */
export async function profile(
  session: Session,
  feeds: Readonly<Record<string, Feed>>,
  runs = 20,
  peaks?: Peaks,
): Promise<Profile> {
  const threads = session.plan.scratchAddresses.length;
  const best = peaks ?? (await measurePeaks({ threads }));
  const copy = await createSession(session.graph, { threads });
  const { plan } = copy;
  const timed: Float64Array[] = [];
  try {
    copy.setStates(session.getStates());
    await warmUp(() => clockSteps(copy, feeds));
    while (timed.length < Math.max(1, runs)) timed.push(await clockSteps(copy, feeds));
  } finally {
    copy.close();
  }
  const wholes = timed.map((begins) => begins.at(-1)! - begins[0]!);
  const spreads = plan.steps.map((_, i) => spreadOf(timed.map((begins) => begins[i + 1]! - begins[i]!)));
  const macs = macsOfSteps(plan, spreads);
  const bytes = bytesOfSteps(plan);
  return {
    steps: plan.steps.map(({ value, call }, i) => ({
      name: value.name,
      op: value.op,
      kernel: kernelOf(call),
      shape: shapeOf(value),
      macs: macs[i]!,
      bytes: bytes[i]!,
      milliseconds: spreads[i]!,
      ...judge(macs[i]!, bytes[i]!, spreads[i]!.median, best),
    })),
    milliseconds: spreadOf(wholes),
    timeline: timelineOf(timed[wholes.indexOf(medianOf(wholes))]!),
    peaks: best,
  };
}

/** Which peak bounds work that took some milliseconds, and its share of it. */
export function judge(
  macs: number,
  bytes: number,
  milliseconds: number,
  peaks: Peaks,
): { share: number; bound: Bound } {
  const arithmetic = (2000 * macs) / peaks.flops;
  const traffic = bytes > 0 ? (1000 * bytes) / bandwidthAt(peaks, bytes) : 0;
  const share = milliseconds > 0 ? Math.max(arithmetic, traffic) / milliseconds : 0;
  return { share, bound: share < 0.25 ? "overhead" : arithmetic >= traffic ? "compute" : "memory" };
}

/** V8 replaces its first code by better code while it runs; after this it has. */
async function warmUp(run: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + 300;
  for (let i = 0; i < 3 || (performance.now() < end && i < 200); i++) await run();
}

const kernelOf = (call: PlanStep["call"]): string => (call === "host" ? "host" : call.kernel);

/** A value's multiply-accumulates go to the kernel that takes most of its time, shared by its calls by their units. */
function macsOfSteps({ steps }: Plan, spreads: readonly Spread[]): number[] {
  const macs = steps.map(() => 0);
  for (const [value, own] of groupBy(steps.keys(), (i) => steps[i]!.value)) {
    const total = macsOf(value);
    if (total === 0) continue;
    const byKernel = groupBy(own, (i) => kernelOf(steps[i]!.call));
    const time = (calls: readonly number[]): number => sum(calls.map((i) => spreads[i]!.median));
    const [longest] = [...byKernel.values()].sort((a, b) => time(b) - time(a));
    const units = longest!.map((i) => unitsOf(steps[i]!));
    longest!.forEach((i, at) => (macs[i] = (total * units[at]!) / sum(units)));
  }
  return macs;
}

/** What several calls of one kernel for one value mention is shared among them: each works on its part. */
function bytesOfSteps(plan: Plan): number[] {
  const { steps } = plan;
  const bytes = steps.map(() => 0);
  const groups = groupBy(steps.keys(), (i) => `${steps[i]!.value.id} ${kernelOf(steps[i]!.call)}`);
  for (const calls of groups.values())
    for (const [storage, mentioning] of groupBy(
      calls.flatMap((i) => storagesOf(plan, steps[i]!).map((found) => ({ i, found }))),
      ({ found }) => found,
    ))
      for (const { i } of mentioning) bytes[i]! += storage.bytes / mentioning.length;
  steps.forEach(({ value }, i) => {
    if (value.inputs.some((operand) => plan.storageOf(operand) === plan.storageOf(value)))
      bytes[i]! += plan.storageOf(value).bytes;
  });
  return bytes;
}

function storagesOf(plan: Plan, { value, call }: PlanStep): Storage[] {
  if (call === "host") return [...value.inputs, value].map(plan.storageOf);
  return [...new Set(call.args.flatMap((arg) => (arg.kind === "pointer" ? [arg.storage] : [])))];
}

const unitsOf = ({ call }: PlanStep): number => (call === "host" ? 1 : call.units);

function macsOf(value: Value): number {
  if (isLeaf(value)) return 0;
  return opTable[value.op]!.macs(
    value.inputs.map((input) => input.type),
    value.attrs,
  );
}

function timelineOf(begins: Float64Array): Profile["timeline"] {
  const own = [...begins.keys()].filter((i) => !Number.isNaN(begins[i]));
  return own.slice(0, -1).map((step, at) => ({
    step,
    begin: begins[step]! - begins[0]!,
    milliseconds: begins[own[at + 1]!]! - begins[step]!,
  }));
}

/** Of the numbers that are known; zeros where none is. */
function spreadOf(times: readonly number[]): Spread {
  const known = times.filter((time) => !Number.isNaN(time));
  if (known.length === 0) return { min: 0, median: 0, max: 0 };
  return { min: Math.min(...known), median: medianOf(known), max: Math.max(...known) };
}

/** The lower one of the middle two, so that it is one of them. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
