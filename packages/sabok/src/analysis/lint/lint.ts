// The lint: every rule over one network, the worst findings first.
import type { Tensor } from "../../core/index.ts";
import { usersOf, type Graph } from "../../graph/index.ts";
import { removeDeadBias } from "../../passes/index.ts";
import type { Fields } from "../receptiveField/fields.ts";
import type { Finding, LintContext, Rule, StatisticsShift } from "./rule.ts";
import type { Mended, WeightedGraph } from "./fixes/mended.ts";
import { pruneUnread } from "./fixes/pruneUnread.ts";
import { removeIdle } from "./fixes/removeIdle.ts";
import { biasBeforeNorm } from "./rules/biasBeforeNorm.ts";
import { channelMultiples } from "./rules/channelMultiples.ts";
import { deadChannels } from "./rules/deadChannels.ts";
import { depthwiseWithoutNorm } from "./rules/depthwiseWithoutNorm.ts";
import { dropoutBeforeNorm } from "./rules/dropoutBeforeNorm.ts";
import { gridding } from "./rules/gridding.ts";
import { idleLayer } from "./rules/idleLayer.ts";
import { misalignedBranches } from "./rules/misalignedBranches.ts";
import { mostlyPadding } from "./rules/mostlyPadding.ts";
import { narrowSqueeze } from "./rules/narrowSqueeze.ts";
import { normNotFolded } from "./rules/normNotFolded.ts";
import { rectifiedBottleneck } from "./rules/rectifiedBottleneck.ts";
import { redundantActivation } from "./rules/redundantActivation.ts";
import { saturatedSkip } from "./rules/saturatedSkip.ts";
import { shiftedStatistics } from "./rules/shiftedStatistics.ts";
import { smallBatch } from "./rules/smallBatch.ts";
import { smallField } from "./rules/smallField.ts";
import { strideDiscards } from "./rules/strideDiscards.ts";

/** Every rule there is. */
export const lintRules: readonly Rule[] = [
  biasBeforeNorm,
  dropoutBeforeNorm,
  normNotFolded,
  smallBatch,
  shiftedStatistics,
  smallField,
  gridding,
  strideDiscards,
  mostlyPadding,
  misalignedBranches,
  channelMultiples,
  deadChannels,
  saturatedSkip,
  rectifiedBottleneck,
  narrowSqueeze,
  depthwiseWithoutNorm,
  redundantActivation,
  idleLayer,
];

export interface LintOptions {
  /** Trained weights; without them the rules about numbers are silent. */
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Images of a training batch. Default 32. */
  readonly batch?: number;
  /** Pixels of the objects to be recognised. */
  readonly object?: number;
  /** From `statisticsShifts`. */
  readonly shifts?: ReadonlyMap<string, StatisticsShift>;
}

const order = { error: 0, warning: 1, info: 2 } as const;

/** What a network's graph gives reason to look at, errors first, then warnings. */
export function lint(
  graph: Graph,
  fields: Fields,
  { weights, batch = 32, object, shifts }: LintOptions = {},
): Finding[] {
  const context: LintContext = {
    graph,
    fields,
    users: usersOf(fields.graph),
    weights,
    batch,
    object,
    shifts,
  };
  return lintRules
    .flatMap((rule) => [...rule.check(context)].map((finding): Finding => ({ rule: rule.name, ...finding })))
    .sort((a, b) => order[a.severity] - order[b.severity]);
}

/** The fixes, in the order they are applied. */
const fixes: readonly ((network: WeightedGraph) => Mended)[] = [
  removeIdle,
  ({ graph, weights }) => {
    const mended = removeDeadBias(graph, weights);
    const done = mended.removed.map(
      (name) => `Removed ${name} and lowered the running mean behind it by it.`,
    );
    return { ...mended, done };
  },
  pruneUnread,
];

/**
 * A network with all mended that keeps its inference function: operators that do nothing, rectifiers of rectified maps,
 * biases before batch norms, filters that nothing reads. The other findings are choices, and their fixes change what the
 * network computes. `done` says what was done, a sentence each.
 */
export function applyFixes(network: WeightedGraph): Mended {
  let mended: Mended = { ...network, done: [] };
  for (const fix of fixes) {
    const { graph, weights, done } = fix(mended);
    mended = { graph, weights, done: [...mended.done, ...done] };
  }
  return mended;
}
