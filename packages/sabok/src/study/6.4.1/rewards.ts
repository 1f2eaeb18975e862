// How MnasNet judges a network, and how NetAdapt chooses its next step.

/** ACC·(LAT/TAR)^w (Tan et al., 2019). */
export function mnasReward(accuracy: number, latency: number, target: number, w: number): number {
  return accuracy * (latency / target) ** w;
}

/** A proposal of NetAdapt: what it changes; both are negative as a rule. */
export interface Proposal {
  readonly accuracy: number;
  readonly latency: number;
}

/** "slope": MobileNetV3's ΔAcc/|Δlatency|; "drop": NetAdapt's own, the least loss of accuracy. */
export type Rule = "slope" | "drop";

/**
 * The proposal taken, of those that save at least δ: the least negative score; a tie goes to the larger saving, so that
 * the target is reached in fewer steps. −1 where none saves enough.
 */
export function pickProposal(proposals: readonly Proposal[], delta: number, rule: Rule): number {
  let best = -1;
  proposals.forEach((proposal, i) => {
    if (!savesEnough(proposal, delta)) return;
    const difference = best < 0 ? 1 : scoreOf(proposal, rule) - scoreOf(proposals[best]!, rule);
    if (difference > tie || (difference > -tie && proposal.latency < proposals[best]!.latency)) best = i;
  });
  return best;
}

const tie = 1e-12;

export function savesEnough({ latency }: Proposal, delta: number): boolean {
  return -latency >= delta - tie;
}

export function scoreOf({ accuracy, latency }: Proposal, rule: Rule): number {
  return rule === "slope" ? accuracy / Math.abs(latency) : accuracy;
}
