// One step of NetAdapt on a network that the project trained: each block's expansion cut, judged, and one cut taken.
import { countMacs } from "../../analysis/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { familyBlocks, familyImages, familyNetwork, trainedMember } from "../mobileFamily.ts";
import { accuracyOf, byImportance, channelImportance, withChannels } from "../6.4.2/subnets.ts";
import { pickProposal, type Proposal } from "./rewards.ts";

const imagesUsed = 500;

/** One step on the trained network with t = 6: each block's expansion cut to 3/4, judged on test images without fine-tuning. */
export async function netAdaptStep(context: ChapterContext) {
  const [member, images] = await Promise.all([
    trainedMember(context, "t6"),
    familyImages(context, imagesUsed),
  ]);
  if (!member || !images) return undefined;
  const full = familyNetwork({ expansion: 6 }).graph;
  const before = { accuracy: await accuracyOf(full, member.states, images), macs: countMacs(full) };
  const orders = familyBlocks.map(({ name }) => byImportance(channelImportance(member.states, name)));
  const proposals: Proposal[] = [];
  for (const at of familyBlocks.keys()) {
    const kept = orders.map((order, i) =>
      i === at ? order.slice(0, Math.round(0.75 * order.length)) : order,
    );
    const { graph } = familyNetwork({ expansion: 6, widths: kept.map(({ length }) => length) });
    const accuracy = await accuracyOf(graph, withChannels(member.states, kept), images);
    proposals.push({ accuracy: accuracy - before.accuracy, latency: countMacs(graph) - before.macs });
  }
  const picked = pickProposal(proposals, 0.01 * before.macs, "slope");
  return {
    results: {
      stepAccuracy: before.accuracy,
      stepChanges: proposals.map(({ accuracy }) => accuracy),
      stepSavings: proposals.map(({ latency }) => -latency),
      stepPick: picked,
      stepPickByDrop: pickProposal(proposals, 0.01 * before.macs, "drop"),
    },
    table: {
      title: {
        en: "One NetAdapt step on the trained network with t = 6: an expansion cut to 3/4, cost in multiply-accumulates",
        fa: "یک گام NetAdapt روی شبکهٔ آموزش‌دیده با t = 6؛ گسترش تا سه‌چهارم، هزینه بر حسب ضرب‌وجمع",
      },
      columns: [
        { en: "block", fa: "بلوک" },
        { en: "change of accuracy", fa: "تغییر دقت" },
        { en: "change of cost", fa: "تغییر هزینه" },
        { en: "taken", fa: "انتخاب" },
      ],
      rows: proposals.map(({ accuracy, latency }, i) => [
        familyBlocks[i]!.name,
        accuracy,
        latency,
        i === picked ? "✓" : "",
      ]),
    },
  };
}
