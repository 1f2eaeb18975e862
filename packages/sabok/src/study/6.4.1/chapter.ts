// Searching for architectures as a problem on a directed acyclic graph: how many there are, the best under a latency budget, the
// reward that MnasNet maximises and the step that NetAdapt takes, on this library's own latencies and on a trained network.
import { SabokError } from "../../core/index.ts";
import { countParameters } from "../../analysis/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { choice, number, text, tupleList } from "../parameters.ts";
import { spell, spellShare, symbol } from "../words.ts";
import { bestPlan, exhaustivePlan, type Option } from "./graphs.ts";
import { latencyTable, measuredChains, measuredOn } from "./latencyTable.ts";
import { measuredTable } from "./measuredTable.ts";
import { netAdaptStep } from "./netAdaptStep.ts";
import { mnasReward, pickProposal, savesEnough, scoreOf, type Proposal } from "./rewards.ts";
import { chainNetwork, choiceName, choicesAt, places } from "./searchSpace.ts";
import { unitGraph } from "./unitGraph.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

const exampleProposals = "-0.004x-2,-0.01x-6,-0.001x-0.4,-0.0025x-1.5";

export const chapter = defineChapter({
  id: "6.4.1",
  title: { en: "Architecture search as a graph problem", fa: "جست‌وجوی معماری به‌عنوان مسئله‌ای روی گراف" },
  question: {
    en: "How was MobileNetV3 found, how is its search space a directed acyclic graph, and what can be computed on it exactly?",
    fa: "MobileNetV3 چگونه یافته شد، فضای جست‌وجوی آن چگونه یک گراف جهت‌دار بدون دور است و چه چیزی را روی آن می‌توان دقیق حساب کرد؟",
  },
  claim: {
    en: "Neural architecture search is a shortest-path problem on a directed acyclic graph and finds the best network.",
    fa: "جست‌وجوی معماری عصبی مسئلهٔ کوتاه‌ترین مسیر روی یک گراف جهت‌دار بدون دور است و بهترین شبکه را پیدا می‌کند.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    ops: number({
      label: { en: "operations of a layer", fa: "عملیات هر لایه" },
      default: 9,
      least: 1,
      most: 1000,
      whole: true,
    }),
    layers: number({
      label: { en: "most layers of a unit", fa: "بیشترین لایهٔ هر واحد" },
      default: 4,
      least: 1,
      most: 10,
      whole: true,
    }),
    exits: text({
      label: { en: "layers after which a unit may end", fa: "لایه‌هایی که واحد پس از آن‌ها می‌تواند تمام شود" },
      default: "2,3,4",
      example: "2,3,4",
    }),
    units: number({
      label: { en: "units in a row", fa: "واحدهای پشت‌سرهم" },
      default: 5,
      least: 1,
      most: 10,
      whole: true,
    }),
    budget: number({
      label: { en: "latency budget, as a share of the costliest", fa: "بودجهٔ تأخیر نسبت به گران‌ترین" },
      default: 0.6,
      least: 0,
      most: 1,
    }),
    latency: choice({
      label: { en: "latencies", fa: "تأخیرها" },
      choices: ["table", "measured-here"],
      default: "table",
    }),
    target: number({
      label: { en: "MnasNet's target, milliseconds", fa: "هدف MnasNet بر حسب میلی‌ثانیه" },
      default: 80,
      least: 0.1,
      most: 10000,
    }),
    proposals: text({
      label: {
        en: "NetAdapt's proposals, ΔaccuracyxΔlatency",
        fa: "پیشنهادهای NetAdapt به‌صورت «Δدقت»x«Δتأخیر»",
      },
      default: exampleProposals,
      example: exampleProposals,
    }),
    delta: number({
      label: { en: "least saving δ of a step", fa: "کمترین کاهش δ در هر گام" },
      default: 0.6,
      least: 0,
      most: 1e6,
    }),
  },
  async run({ ops, layers, exits, units, budget, latency, target, proposals, delta }, context) {
    const unit = await unitGraph(ops, layers, exits);
    const total = unit.paths ** BigInt(units);

    const table = latency === "table" ? latencyTable : await measuredTable(context);
    const groups: Option[][] = places.map((at, place) =>
      choicesAt(at).map((choice, i) => ({
        cost: table[place]![i]!,
        value: choice.expansion === 0 ? 0 : Math.log(countParameters(chainNetwork([choice], place).graph)),
      })),
    );
    const most = groups.reduce((sum, options) => sum + Math.max(...options.map(({ cost }) => cost)), 0);
    const least = groups.reduce((sum, options) => sum + Math.min(...options.map(({ cost }) => cost)), 0);
    if (budget * most < least)
      throw new SabokError(
        `Chapter 6.4.1, budget: ${budget} of ${most.toFixed(3)} ms is below the cheapest network, ${least.toFixed(3)} ms; give at least ${(Math.ceil((1000 * least) / most) / 1000).toFixed(3)}, for example 0.6.`,
      );
    const plan = bestPlan(groups, budget * most);
    const exhaustive = exhaustivePlan(groups, budget * most);
    const shares = Array.from({ length: 21 }, (_, i) => least / most + ((1 - least / most) * i) / 20);
    const frontier = shares.map((share) => bestPlan(groups, share * most + 1e-9));

    const small = knapsackVector.map((b) => bestPlan(knapsackGroups, b).value);
    const smallOptima = knapsackVector.map((b) => exhaustivePlan(knapsackGroups, b).optima);
    const additivity = measuredChains.map(({ sum, measured }) => measured / sum);

    const rewards = rewardCases.map(([accuracy, ms]) =>
      exponents.map((w) => mnasReward(accuracy, ms, target, w)),
    );
    const given: Proposal[] = tupleList(
      { name: "proposals", value: proposals, example: exampleProposals },
      2,
      { least: -1e6, most: 1e6, longest: 50 },
    ).map(([accuracy, latency]) => ({ accuracy: accuracy!, latency: latency! }));
    const pick = { slope: pickProposal(given, delta, "slope"), drop: pickProposal(given, delta, "drop") };
    const step = await netAdaptStep(context);

    const [cell, path] = [criticalCell(table), spell(plan.cost)];
    return {
      results: {
        unitPaths: Number(unit.paths),
        unitPathsByMatrix: unit.byMatrix,
        upperTriangular: unit.upperTriangular,
        architectures: total.toString(),
        dartsCell: Number(dartsCell()),
        mnasOptions: 3 * 2 * 2 * 3 * 3 * 3,
        mnasPaperSpace: (432n ** 5n).toString(),
        halvingExponent: Math.log(1 / 1.05) / Math.LN2,
        rewards: rewards.flat(),
        netAdaptPick: pick.slope,
        netAdaptPickByDrop: pick.drop,
        netAdaptScores: given
          .filter((proposal) => savesEnough(proposal, delta))
          .map((proposal) => scoreOf(proposal, "slope")),
        knapsack: small,
        knapsackOptima: smallOptima,
        planValue: plan.value,
        planCost: plan.cost,
        planChosen: plan.chosen.map((i, place) => choiceName(choicesAt(places[place]!)[i]!)).join(", "),
        exhaustiveValue: exhaustive.value,
        exhaustivePlans: exhaustive.plans,
        chainOverSum: additivity,
        serialLatency: cell.serial,
        criticalPath: cell.critical,
        ...step?.results,
      },
      matrices:
        unit.nodes <= 12
          ? [{ name: { en: "adjacency A of one unit", fa: "ماتریس مجاورت A برای یک واحد" }, rows: unit.rows }]
          : [],
      series: [
        {
          name: { en: "optimum by dynamic programming", fa: "بهینه با برنامه‌ریزی پویا" },
          x: frontier.map(({ cost }) => cost),
          y: frontier.map(({ value }) => value),
          xLabel: { en: "latency, milliseconds", fa: "تأخیر، میلی‌ثانیه" },
          yLabel: { en: "stand-in for accuracy: Σ ln(parameters)", fa: "جانشین دقت: Σ ln(پارامترها)" },
          unit: "",
          figure: "frontier",
        },
      ],
      tables: [
        {
          title: { en: `Latency of each block, milliseconds`, fa: "تأخیر هر بلوک، میلی‌ثانیه" },
          columns: [
            { en: "place", fa: "جایگاه" },
            ...choicesAt(places[1]!).map((each) =>
              each.expansion === 0 ? { en: "no block", fa: "بدون بلوک" } : symbol(choiceName(each)),
            ),
          ],
          rows: table.map((row, place) => [
            `${places[place]!.in}→${places[place]!.out} @${places[place]!.size}`,
            ...choicesAt(places[1]!).map((_, i) => row[i] ?? "–"),
          ]),
        },
        {
          title: { en: `Whole chains on ${measuredOn}`, fa: `زنجیره‌های کامل روی ${measuredOn}` },
          columns: [
            { en: "sum of blocks, ms", fa: "مجموع بلوک‌ها، ms" },
            { en: "measured, ms", fa: "اندازه‌گیری، ms" },
          ],
          rows: measuredChains.map(({ sum, measured }) => [sum, measured]),
        },
        {
          title: { en: "MnasNet's reward", fa: "پاداش MnasNet" },
          columns: [
            { en: "accuracy", fa: "دقت" },
            { en: "latency, ms", fa: "تأخیر، ms" },
            ...exponents.map((w) => symbol(`w = −${-w}`)),
          ],
          rows: rewardCases.map(([accuracy, ms], i) => [accuracy, ms, ...rewards[i]!]),
        },
        {
          title: { en: "NetAdapt's proposals", fa: "پیشنهادهای NetAdapt" },
          columns: [
            symbol("ΔAcc"),
            symbol("Δlatency"),
            symbol("ΔAcc/|Δlatency|"),
            { en: "taken", fa: "انتخاب" },
          ],
          rows: given.map((proposal, i) => [
            proposal.accuracy,
            proposal.latency,
            savesEnough(proposal, delta)
              ? scoreOf(proposal, "slope")
              : { en: "saves less than δ", fa: "کمتر از δ صرفه‌جویی می‌کند" },
            i === pick.slope ? "✓" : "",
          ]),
        },
        ...(step ? [step.table] : []),
      ],
      symbolic: [
        {
          label: { en: "number of architectures", fa: "تعداد معماری‌ها" },
          tex: String.raw`\#\text{paths} = \bigl[(I-A)^{-1}\bigr]_{\text{source},\,\text{sink}} = \sum_{k \ge 0} \bigl[A^k\bigr]_{\text{source},\,\text{sink}}`,
        },
        {
          label: { en: "MnasNet's reward", fa: "پاداش MnasNet" },
          tex: String.raw`\mathrm{ACC} \cdot \bigl(\mathrm{LAT}/\mathrm{TAR}\bigr)^{w}`,
        },
        {
          label: { en: "NetAdapt in MobileNetV3", fa: "NetAdapt در MobileNetV3" },
          tex: String.raw`\max \frac{\Delta \mathrm{Acc}}{\lvert \Delta \mathrm{latency} \rvert} ,\qquad -\Delta\mathrm{latency} \ge \delta`,
        },
      ],
      verdict: {
        status: "conditional",
        text: {
          en: `The space is such a graph (${unit.paths} paths in a unit, ${total} networks), and under a latency that adds up the optimum is found exactly: ${path.en} ms here, the same as by trying all ${exhaustive.plans}. But accuracy does not add up over blocks, and whole chains take ${spellShare(Math.min(...additivity)).en} to ${spellShare(Math.max(...additivity)).en} of their sums: the exact optimum is one of a surrogate.`,
          fa: `فضا همین گراف است (${unit.paths.toLocaleString("fa")} مسیر در هر واحد) و با تأخیری که جمع‌پذیر باشد بهینه دقیقاً پیدا می‌شود: اینجا ${path.fa} میلی‌ثانیه، همان که با آزمودن همهٔ ${exhaustive.plans.toLocaleString("fa")} حالت به دست می‌آید. اما دقت روی بلوک‌ها جمع‌پذیر نیست و زنجیره‌های کامل ${spellShare(Math.min(...additivity)).fa} تا ${spellShare(Math.max(...additivity)).fa} مجموع بلوک‌هایشان زمان می‌برند: بهینهٔ دقیق، بهینهٔ یک جانشین است.`,
        },
      },
    };
  },
});

/** Budgets of the small vector, and its groups of (cost, accuracy). */
const knapsackVector = [3, 6, 8];
const knapsackGroups: readonly (readonly Option[])[] = [
  [
    [1, 0.1],
    [2, 0.18],
    [3, 0.22],
  ],
  [
    [1, 0.05],
    [2, 0.15],
    [4, 0.21],
  ],
  [
    [1, 0.02],
    [3, 0.12],
    [4, 0.16],
  ],
].map((group) => group.map(([cost, value]) => ({ cost: cost!, value: value! })));

const exponents = [-0.07, -0.15];
const rewardCases = [
  [0.75, 80],
  [0.76, 100],
  [0.74, 60],
  [0.7, 40],
] as const;

/** DARTS: four nodes; each takes two of the nodes before it, each through one of seven operations. */
function dartsCell(): bigint {
  return [2n, 3n, 4n, 5n].reduce((product, before) => product * ((before * (before - 1n)) / 2n) * 49n, 1n);
}

/** Two branches of one cell: alone on one processor their times add, side by side the longer path counts. */
function criticalCell(table: readonly (readonly number[])[]) {
  const [first, second, third] = [table[3]![0]!, table[3]![3]!, table[3]![5]!];
  return { serial: first + second + third, critical: Math.max(first + second, third) };
}
