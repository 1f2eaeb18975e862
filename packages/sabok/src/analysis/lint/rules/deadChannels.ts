import { shapeOf, type Value } from "../../../graph/index.ts";
import { channelFlow, unreadChannels } from "../channelFlow.ts";
import { activationOf, integer, isConvolution, isRectifier, nodeName } from "../reading.ts";
import type { LintContext, Rule } from "../rule.ts";

/** β/|γ| below this: a normal number passes the rectifier less than once in 30,000 times. */
const limit = -4;

/** Channels of a trained network that are always zero, or that nothing reads. */
export const deadChannels: Rule = {
  name: "dead-channels",
  doc: "A channel that a rectifier never lets through, or whose weights in every reader are zero, is dead weight.",
  *check(context) {
    const {
      fields: { graph },
      users,
      weights,
    } = context;
    if (!weights) return;
    for (const value of graph.values) {
      const dead = value.op === "batchNorm" ? silentChannels(value, context) : [];
      if (dead.length > 0)
        yield {
          node: nodeName(value),
          severity: "warning",
          message: `Behind the norm a channel is γx̂ + β with x̂ about standard normal; β ≤ ${limit}|γ| keeps the rectifier behind it shut, so its gradient is 0 too.`,
          effect: `${integer(dead.length)} of ${integer(shapeOf(value)[1]!)} channels are dead: ${list(dead)}.`,
          fix: "Prune them, or train with a lower learning rate or weight decay on γ; they do not recover by themselves.",
        };
      if (!isConvolution(value)) continue;
      const flow = channelFlow(value, graph, users);
      const unread = flow ? unreadChannels(value, flow, weights) : [];
      if (unread.length > 0)
        yield {
          node: nodeName(value),
          severity: "warning",
          message: `Every reader's weights for these channels are zero, so they are computed and thrown away.`,
          effect: `${integer(unread.length)} of ${integer(shapeOf(value)[1]!)} filters are never used: ${list(unread)}.`,
          fix: "Prune them, as --fix does: the function stays the same.",
        };
    }
  },
};

function silentChannels(norm: Value, { users, weights }: LintContext): number[] {
  const [scale, offset] = [weights!.get(norm.inputs[1]!.name), weights!.get(norm.inputs[2]!.name)];
  const activations =
    activationOf(norm) === undefined
      ? users.get(norm)!.map((user) => activationOf(user))
      : [activationOf(norm)];
  const isShut =
    activations.length > 0 &&
    activations.every((activation) => activation !== "leakyRelu" && isRectifier(activation));
  if (!scale || !offset || !isShut) return [];
  return channelsWhere(scale.data.length, (c) => offset.data[c]! <= limit * Math.abs(scale.data[c]!));
}

function channelsWhere(count: number, is: (channel: number) => boolean): number[] {
  return Array.from({ length: count }, (_, c) => c).filter(is);
}

function list(channels: readonly number[]): string {
  return channels.length > 8 ? `${channels.slice(0, 8).join(", ")} …` : channels.join(", ");
}
