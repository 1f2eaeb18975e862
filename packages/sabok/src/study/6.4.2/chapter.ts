// Progressive shrinking: the three ways in which Once-for-All's networks share weights, each as an exact invariance or a measured
// loss on a network that this project trained.
import { Random, tensor, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import type { Graph } from "../../graph/index.ts";
import { conv2d, evaluate, linear, reshape, slice } from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import {
  familyBlocks,
  familyImages,
  familyNetwork,
  trainedMember,
  type FamilyImages,
} from "../mobileFamily.ts";
import { choice, number } from "../parameters.ts";
import { spell, spellShare, symbol } from "../words.ts";
import {
  accuracyOf,
  byImportance,
  channelImportance,
  recalibrated,
  withChannels,
  type States,
} from "./subnets.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.4.2",
  title: { en: "Progressive shrinking", fa: "کوچک‌سازی تدریجی" },
  question: {
    en: "What is progressive shrinking, which of its steps leave the network's function as it was, and did MobileNetV3 use it?",
    fa: "کوچک‌سازی تدریجی چیست، کدام گام‌هایش تابع شبکه را تغییر نمی‌دهند و آیا MobileNetV3 از آن استفاده کرد؟",
  },
  claim: {
    en: "MobileNetV3 was trained by progressive shrinking.",
    fa: "MobileNetV3 با کوچک‌سازی تدریجی آموزش دید.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    network: choice({
      label: { en: "trained network", fa: "شبکهٔ آموزش‌دیده" },
      choices: ["t6", "r4"],
      default: "t6",
    }),
    keep: number({
      label: { en: "share of the expanded channels kept", fa: "سهم کانال‌های نگه‌داشته" },
      default: 0.5,
      least: 0.05,
      most: 1,
    }),
    noise: number({
      label: {
        en: "distance of the kernel transformations from the identity",
        fa: "فاصلهٔ تبدیل‌های هسته از همانی",
      },
      default: 0.1,
      least: 0,
      most: 10,
    }),
    images: number({
      label: { en: "test images", fa: "تصویرهای آزمون" },
      default: 400,
      least: 50,
      most: 1000,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ network, keep, noise, images: count, seed }, context) {
    const random = new Random(seed);
    const kernels = await kernelSharing(random, noise);
    const member = network === "t6" ? { expansion: 6 } : { ratio: 4 };
    const invariance = await sortingInvariance(context, network, member, random);
    context.onProgress?.(0.4, "subnets");
    const subnets = await measureSubnets(context, network, member, { keep, count });
    const space = spaceSize();
    const sorted = spell(invariance.difference);
    return {
      results: {
        space: space.toString(),
        unitSpace: 7371,
        extraParameters: 25 ** 2 + 9 ** 2,
        identityDifference: kernels.identity,
        cropDifference: kernels.crop,
        throughMiddleDifference: kernels.through,
        sortingDifference: invariance.difference,
        sortingWeights: invariance.source,
        ...subnets?.results,
      },
      series: subnets?.series ?? [],
      tables: [
        {
          title: { en: "Exact invariances (largest difference)", fa: "ناوردایی‌های دقیق (بزرگ‌ترین اختلاف)" },
          columns: [
            { en: "step", fa: "گام" },
            { en: "difference", fa: "اختلاف" },
          ],
          rows: [
            [
              {
                en: "5x5 and 3x3 kernels by identity transformations against centre crops",
                fa: "هسته‌های ۵×۵ و ۳×۳ با تبدیل همانی در برابر برش مرکز",
              },
              kernels.identity,
            ],
            [
              {
                en: "centre crop against the 7x7 with a border of zeros",
                fa: "برش مرکز در برابر هستهٔ ۷×۷ با حاشیهٔ صفر",
              },
              kernels.crop,
            ],
            [
              {
                en: "channels sorted by importance, whole network",
                fa: "کانال‌های مرتب‌شده بر حسب اهمیت، کل شبکه",
              },
              invariance.difference,
            ],
            [
              {
                en: "no invariance: 3x3 through the transformed 5x5 against straight from the 7x7",
                fa: "ناوردا نیست: ۳×۳ از راه ۵×۵ تبدیل‌شده در برابر مستقیم از ۷×۷",
              },
              kernels.through,
            ],
          ],
        },
        ...(subnets?.tables ?? []),
      ],
      symbolic: [
        {
          label: { en: "kernels", fa: "هسته‌ها" },
          tex: String.raw`k_5 = T_{75}\, \mathrm{centre}_{5\times5}(k_7), \qquad k_3 = T_{53}\, \mathrm{centre}_{3\times3}(k_5)`,
        },
        {
          label: { en: "importance of a channel", fa: "اهمیت کانال" },
          tex: String.raw`\mathrm{importance}(e) = \sum_n \lvert W^{\text{project}}_{n,e} \rvert`,
        },
        {
          label: { en: "networks in the space", fa: "تعداد شبکه‌های فضا" },
          tex: String.raw`(9^2 + 9^3 + 9^4)^5 = 7371^5`,
        },
      ],
      verdict: {
        status: "false",
        text: {
          en: `It is the training of Once-for-All (2020), whose space is made of MobileNetV3's blocks; MobileNetV3 (2019) was found by MnasNet's search and NetAdapt. Its steps begin as exact invariances (sorting channels changes the network by ${sorted.en})${subnets ? `, but smaller networks cut out of a trained one need their statistics anew: ${spellShare(subnets.cut).en} of images right without, ${spellShare(subnets.calibrated).en} with` : ""}.`,
          fa: `این روش آموزش Once-for-All (۲۰۲۰) است که فضایش از بلوک‌های MobileNetV3 ساخته شده؛ خود MobileNetV3 (۲۰۱۹) با جست‌وجوی MnasNet و NetAdapt یافته شد. گام‌هایش با ناوردایی‌های دقیق آغاز می‌شوند (مرتب‌کردن کانال‌ها شبکه را ${sorted.fa} تغییر می‌دهد)${subnets ? `، اما شبکه‌های کوچک‌تری که از شبکهٔ آموزش‌دیده بریده می‌شوند به آماره‌های تازه نیاز دارند: ${spellShare(subnets.cut).fa} تصویرها بدون آن درست‌اند و ${spellShare(subnets.calibrated).fa} با آن` : ""}.`,
        },
      },
    };
  },
});

/** Depth 2 to 4 in each of five units, three expansions and three kernels in each layer. */
function spaceSize(): bigint {
  return (9n ** 2n + 9n ** 3n + 9n ** 4n) ** 5n;
}

/** The kernels of 5 and 3 that a layer of 7x7 kernels holds, by the library's linear layer. */
async function kernelSharing(random: Random, noise: number) {
  const channels = 6;
  const kernel = normalTensor(random, [channels, 1, 7, 7]);
  const x = normalTensor(random, [1, channels, 9, 9]);
  const centre = (k: Tensor, side: number): Promise<Tensor> => {
    const start = (k.shape[2]! - side) / 2;
    return evaluate((k) => slice(k, { starts: [0, 0, start, start], sizes: [channels, 1, side, side] }), [k]);
  };
  const transform = (k: Tensor, t: Tensor): Promise<Tensor> => {
    const side = k.shape[2]!;
    return evaluate(
      (k, t) => reshape(linear(reshape(k, [channels, side * side]), t), [channels, 1, side, side]),
      [k, t],
    );
  };
  const near = (size: number, distance: number): Tensor => {
    const t = normalTensor(random, [size, size], { std: distance });
    for (let i = 0; i < size; i++) t.data[i * (size + 1)]! += 1;
    return t;
  };
  const derive = async (t75: Tensor, t53: Tensor) => {
    const five = await transform(await centre(kernel, 5), t75);
    return {
      five,
      three: await transform(await centre(five, 3), t53),
      straight: await transform(await centre(kernel, 3), t53),
    };
  };
  const plain = await derive(near(25, 0), near(9, 0));
  const moved = await derive(near(25, noise), near(9, noise));
  const [five, three] = [await centre(kernel, 5), await centre(kernel, 3)];

  const bordered = tensor(
    kernel.shape,
    kernel.data.map((w, at) =>
      Math.min(at % 7, Math.floor(at / 7) % 7) >= 1 && Math.max(at % 7, Math.floor(at / 7) % 7) <= 5 ? w : 0,
    ),
  );
  const filtered = (w: Tensor, padding: number): Promise<Tensor> =>
    evaluate((x, w) => conv2d(x, w, { padding, groups: channels }), [x, w]);
  return {
    identity: Math.max(
      largestDifference(plain.five.data, five.data),
      largestDifference(plain.three.data, three.data),
    ),
    crop: largestDifference((await filtered(bordered, 3)).data, (await filtered(five, 2)).data),
    through: largestDifference(moved.three.data, moved.straight.data),
  };
}

interface Member {
  readonly expansion?: number;
  readonly ratio?: number;
}

/** The whole network, in float64, before and after the channels of every block are put in order of importance. */
async function sortingInvariance(context: ChapterContext, name: string, member: Member, random: Random) {
  const trained = await trainedMember(context, name);
  const net = familyNetwork(member);
  const states: States = trained?.states ?? net.weights;
  const graph = withBatch(toInference(net.graph), 2);
  const image = normalTensor(random, [2, 1, 14, 14]);
  const logits = (with_: States): Tensor => interpret(graph, { image }, with_).outputs["logits"]!;
  const orders = familyBlocks.map((block) => byImportance(channelImportance(states, block.name)));
  return {
    source: trained ? "trained" : "initial",
    difference: largestDifference(logits(states).data, logits(withChannels(states, orders)).data),
  };
}

/** Widths and depths cut out of the trained network, judged on test images: as they are, sorted, and with statistics taken anew. */
async function measureSubnets(
  context: ChapterContext,
  name: string,
  member: Member,
  { keep, count }: { readonly keep: number; readonly count: number },
) {
  const [trained, images] = await Promise.all([trainedMember(context, name), familyImages(context, count)]);
  if (!trained || !images) return undefined;
  const { states } = trained;
  const orders = familyBlocks.map((block) => byImportance(channelImportance(states, block.name)));
  const widthsAt = (share: number): number[] =>
    orders.map(({ length }) => Math.max(1, Math.round(share * length)));
  // A gate's squeezed channels follow the full width, as the weights do.
  const build = (share: number): Graph => familyNetwork({ ...member, widths: widthsAt(share) }).graph;
  const cutTo = async (share: number, sorted: boolean) => {
    const widths = widthsAt(share);
    const kept = orders.map((order, i) => (sorted ? order : order.map((_, e) => e)).slice(0, widths[i]));
    return judge(build(share), withChannels(states, kept), images);
  };
  const gated = member.ratio !== undefined;
  const shares = gated ? [1] : [...new Set([1, 5 / 6, 2 / 3, 1 / 2, 1 / 3, keep])].sort((a, b) => b - a);
  const rows: { share: number; plain: Judged; sorted: Judged }[] = [];
  for (const share of shares) {
    context.signal?.throwIfAborted();
    rows.push({ share, plain: await cutTo(share, false), sorted: await cutTo(share, true) });
  }
  const depths: Judged[] = [];
  for (const depth of [3, 2, 1])
    depths.push(await judge(familyNetwork({ ...member, depth }).graph, states, images));

  const own = rows.find(({ share }) => share === keep) ?? rows[0]!;
  const curve = (label: { en: string; fa: string }, pick: (row: (typeof rows)[number]) => number) => ({
    name: label,
    x: rows.map(({ share }) => share),
    y: rows.map(pick),
    xLabel: { en: "share of the expanded channels", fa: "سهم کانال‌های گسترش‌یافته" },
    yLabel: { en: "test accuracy without training", fa: "دقت آزمون بدون آموزش" },
    unit: "",
    figure: "width",
  });
  return {
    cut: own.sorted.asIs,
    calibrated: own.sorted.calibrated,
    results: {
      fullAccuracy: rows[0]!.plain.asIs,
      widthShares: rows.map(({ share }) => share),
      widthUnsorted: rows.map(({ plain }) => plain.asIs),
      widthSorted: rows.map(({ sorted }) => sorted.asIs),
      widthSortedCalibrated: rows.map(({ sorted }) => sorted.calibrated),
      depthAsIs: depths.map(({ asIs }) => asIs),
      depthCalibrated: depths.map(({ calibrated }) => calibrated),
    },
    series: gated
      ? []
      : [
          curve({ en: "first channels", fa: "نخستین کانال‌ها" }, ({ plain }) => plain.asIs),
          curve({ en: "sorted by importance", fa: "مرتب‌شده بر حسب اهمیت" }, ({ sorted }) => sorted.asIs),
          curve(
            { en: "sorted, statistics anew", fa: "مرتب‌شده با آماره‌های تازه" },
            ({ sorted }) => sorted.calibrated,
          ),
        ],
    tables: [
      {
        title: {
          en: "The first D of the three blocks, without training",
          fa: "D بلوک نخست از سه بلوک، بدون آموزش",
        },
        columns: [
          symbol("D"),
          { en: "accuracy", fa: "دقت" },
          { en: "with statistics anew", fa: "با آماره‌های تازه" },
        ],
        rows: depths.map(({ asIs, calibrated }, i) => [3 - i, asIs, calibrated]),
      },
    ],
  };
}

interface Judged {
  readonly asIs: number;
  readonly calibrated: number;
}

async function judge(graph: Graph, states: States, images: FamilyImages): Promise<Judged> {
  return {
    asIs: await accuracyOf(graph, states, images),
    calibrated: await accuracyOf(graph, await recalibrated(graph, states, images), images),
  };
}
