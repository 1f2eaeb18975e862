// Pre- and post-activation residual blocks: signal, gradient and consistency by depth at random initialisation, and two trained nets.
import type { ChapterContext, Series, Table, Text, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { number } from "../parameters.ts";
import { spell } from "../words.ts";
import { designs, q, type Design } from "./designs.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { consistencyThrough, signalThrough, type Signal } from "./signal.ts";
import { apartBatches, trainedFindings, type TrainedFindings } from "./trainedNets.ts";

export const chapter = defineChapter({
  id: "1.6",
  title: {
    en: "Pre-activation and post-activation residual blocks",
    fa: "بلوک‌های باقیمانده با پیش‌فعال‌سازی و پس‌فعال‌سازی",
  },
  question: {
    en: "Where should batch norm and activation stand in a residual block, before the weights (pre-activation) or after them (post-activation), and what does that do to signal, gradient, and the agreement of training with inference?",
    fa: "نرمال‌سازی و تابع فعال‌سازی در بلوک باقیمانده کجا باید بایستند، پیش از وزن‌ها (پیش‌فعال‌سازی) یا پس از آن‌ها (پس‌فعال‌سازی)، و این انتخاب با سیگنال، گرادیان و سازگاری آموزش و استنتاج چه می‌کند؟",
  },
  claim: {
    en: "Pre-activation lets the variance grow and keeps the gradient; post-activation resets the variance in every block and loses the gradient.",
    fa: "پیش‌فعال‌سازی واریانس را رشد می‌دهد و گرادیان را نگه می‌دارد؛ پس‌فعال‌سازی واریانس را در هر بلوک به حال نخست برمی‌گرداند و گرادیان را از دست می‌دهد.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    depth: number({
      label: { en: "blocks L", fa: "تعداد بلوک‌ها L" },
      default: 64,
      least: 1,
      most: 100,
      whole: true,
    }),
    width: number({ label: { en: "width n", fa: "پهنا n" }, default: 128, least: 8, most: 384, whole: true }),
    batch: number({
      label: { en: "batch B", fa: "اندازهٔ دسته B" },
      default: 128,
      least: 4,
      most: 384,
      whole: true,
    }),
    consistency: number({
      label: { en: "batch for training against inference", fa: "دسته برای مقایسهٔ آموزش و استنتاج" },
      default: 64,
      least: 2,
      most: 256,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ depth, width, batch, consistency, seed }, context) {
    const steps = designs.length * 3;
    let done = 0;
    const advance = (what: string): void => {
      context.signal?.throwIfAborted();
      context.onProgress?.(Math.min(1, done++ / steps), what);
    };
    const signals: Signal[] = [];
    const apart: number[][] = [];
    const near = Math.min(depth, 32);
    for (const design of designs) {
      advance(design.label.en);
      signals.push(
        await signalThrough(design, { depth, width, batch, seed }, () => context.signal?.throwIfAborted()),
      );
      done++;
      advance(design.label.en);
      apart.push(
        await consistencyThrough(design, { depth: near, width: Math.min(width, 128), seed }, consistency),
      );
    }
    const trained = await bothTrained(context);
    const named = (value: (index: number) => number, ending: string) =>
      Object.fromEntries(designs.map(({ name }, i) => [`${name}${ending}`, value(i)]));
    return {
      results: {
        ...named((i) => signals[i]!.secondMoments.at(-1)!, "SecondMoment"),
        ...named((i) => signals[i]!.gradients[0]!, "GradientRatio"),
        ...named((i) => apart[i]!.at(-1)!, "Apart"),
        originalMean: signals[4]!.means.at(-1)!,
        originalMeanTheory: Math.sqrt((2 * depth) / Math.PI) - 0.5826,
        identityShare: 1 / (1 + (1 - 1 / Math.PI) * depth),
        ...trainedResults(trained),
      },
      tables: [
        designTable(signals, apart, depth, near, consistency),
        ...(trained ? trainedTables(trained) : []),
      ],
      series: [...depthSeries(signals, apart, depth), ...(trained ? trainedSeries(trained) : [])],
      symbolic: [
        ...designs.map(({ label, tex }) => ({ label, tex })),
        {
          label: { en: "gradient of the pre-activation stack", fa: "گرادیان در پشتهٔ پیش‌فعال" },
          tex: String.raw`\frac{\partial L}{\partial x_l}=\frac{\partial L}{\partial x_L}\Bigl(I+\frac{\partial}{\partial x_l}\sum_{i\ge l}F_i\Bigr)`,
        },
      ],
      verdict: verdictOf(signals, apart, depth, near, consistency, trained),
    };
  },
});

type Trained = Readonly<Record<"post" | "pre", TrainedFindings>>;

async function bothTrained(context: ChapterContext): Promise<Trained | undefined> {
  const [post, pre] = [await trainedFindings("post", context), await trainedFindings("pre", context)];
  return post && pre && { post, pre };
}

function trainedResults(trained: Trained | undefined): Record<string, number> {
  if (!trained) return {};
  return {
    postAccuracy: trained.post.accuracy,
    preAccuracy: trained.pre.accuracy,
    postTraining: trained.post.training,
    preTraining: trained.pre.training,
    postInference: trained.post.inference,
    preInference: trained.pre.inference,
  };
}

function designTable(
  signals: readonly Signal[],
  apart: readonly (readonly number[])[],
  depth: number,
  near: number,
  m: number,
): Table {
  return {
    title: {
      en: `Random initialisation, ${depth} blocks (training against inference: ${near} blocks, batches of ${m})`,
      fa: "مقداردهی تصادفی پس از همهٔ بلوک‌ها (آموزش در برابر استنتاج: حداکثر ۳۲ بلوک)",
    },
    columns: [
      { en: "design", fa: "طرح" },
      { en: "E x²", fa: "E x²" },
      { en: "theory", fa: "نظریه" },
      { en: "|g|² first over last", fa: "مربع گرادیان، اول به آخر" },
      { en: "theory", fa: "نظریه" },
      { en: "training against inference", fa: "آموزش در برابر استنتاج" },
    ],
    rows: designs.map((design, i) => [
      design.label,
      signals[i]!.secondMoments.at(-1)!,
      design.secondMoment(depth) ?? "–",
      signals[i]!.gradients[0]!,
      design.gradientRatio(depth) ?? "–",
      apart[i]!.at(-1)!,
    ]),
  };
}

function trainedTables({ post, pre }: Trained): Table[] {
  const columns: Text[] = [
    { en: "quantity", fa: "کمیت" },
    { en: "post-activation", fa: "پس‌فعال‌سازی" },
    { en: "pre-activation", fa: "پیش‌فعال‌سازی" },
  ];
  return [
    {
      title: {
        en: "Two nets of 8 blocks, trained on Fashion-MNIST at 14x14 for 4 epochs",
        fa: "دو شبکهٔ ۸ بلوکی، ۴ دوره آموزش روی Fashion-MNIST در اندازهٔ ۱۴×۱۴",
      },
      columns,
      rows: [
        [{ en: "accuracy on 2000 test images", fa: "دقت روی ۲۰۰۰ تصویر آزمون" }, post.accuracy, pre.accuracy],
        [
          { en: "on 500 of them, stored statistics", fa: "روی ۵۰۰ تای آن‌ها با آماره‌های ذخیره‌شده" },
          post.inference,
          pre.inference,
        ],
        [
          {
            en: "on these, each batch of 50 its own statistics",
            fa: "روی همان‌ها با آماره‌های خود دستهٔ ۵۰تایی",
          },
          post.training,
          pre.training,
        ],
        [
          {
            en: "E x² behind the last block over the first's input",
            fa: "E x² پس از بلوک آخر به ورودی بلوک اول",
          },
          growth(post),
          growth(pre),
        ],
        [
          { en: "|g|² first over last", fa: "مربع گرادیان، اول به آخر" },
          post.gradients[0]!,
          pre.gradients[0]!,
        ],
      ],
    },
  ];
}

const growth = ({ secondMoments }: TrainedFindings): number => secondMoments.at(-1)! / secondMoments[0]!;

function depthSeries(
  signals: readonly Signal[],
  apart: readonly (readonly number[])[],
  depth: number,
): Series[] {
  const xLabel = { en: "block", fa: "بلوک" };
  const count = (length: number): number[] => Array.from({ length }, (_, l) => l);
  const of = (
    figure: string,
    yLabel: Text,
    logY: boolean,
    values: (i: number) => readonly number[],
  ): Series[] =>
    designs.map((design: Design, i) => ({
      name: design.label,
      x: count(values(i).length),
      y: values(i),
      xLabel,
      yLabel,
      unit: "",
      figure,
      logY,
    }));
  return [
    ...of("signal", { en: "E x²", fa: "E x²" }, true, (i) => signals[i]!.secondMoments),
    ...of(
      "gradient",
      { en: `|g|² against block ${depth}`, fa: "مربع گرادیان نسبت به بلوک آخر" },
      true,
      (i) => signals[i]!.gradients,
    ),
    ...of(
      "apart",
      { en: "training against inference", fa: "آموزش در برابر استنتاج" },
      false,
      (i) => apart[i]!,
    ),
  ];
}

function trainedSeries({ post, pre }: Trained): Series[] {
  const blocks = post.secondMoments.map((_, i) => i);
  const names = [
    { en: "post-activation", fa: "پس‌فعال‌سازی" },
    { en: "pre-activation", fa: "پیش‌فعال‌سازی" },
  ];
  const of = (
    figure: string,
    x: readonly number[],
    xLabel: Text,
    yLabel: Text,
    log: { logX?: boolean; logY?: boolean },
    value: (net: TrainedFindings) => readonly number[],
  ): Series[] =>
    [post, pre].map((net, i) => ({
      name: names[i]!,
      x,
      y: value(net),
      xLabel,
      yLabel,
      unit: "",
      figure,
      ...log,
    }));
  const block = { en: "block", fa: "بلوک" };
  return [
    ...of(
      "trained signal",
      blocks,
      block,
      { en: "trained: E x²", fa: "آموزش‌دیده: E x²" },
      { logY: true },
      (net) => net.secondMoments,
    ),
    ...of(
      "trained gradient",
      blocks,
      block,
      { en: "trained: |g|² against the last", fa: "آموزش‌دیده: مربع گرادیان نسبت به آخرین" },
      { logY: true },
      (net) => net.gradients,
    ),
    ...of(
      "trained apart",
      apartBatches,
      { en: "batch size", fa: "اندازهٔ دسته" },
      { en: "trained: logits, training against inference", fa: "آموزش‌دیده: لوجیت‌ها، آموزش در برابر استنتاج" },
      { logX: true, logY: true },
      (net) => net.apart,
    ),
  ];
}

function verdictOf(
  signals: readonly Signal[],
  apart: readonly (readonly number[])[],
  depth: number,
  near: number,
  m: number,
  trained: Trained | undefined,
): Verdict {
  const last = (i: number) => spell(signals[i]!.secondMoments.at(-1)!);
  const back = (i: number) => spell(signals[i]!.gradients[0]!);
  const [pre, original, after] = [last(2), last(4), last(5)];
  const [preBack, originalBack, afterBack, factor] = [back(2), back(4), back(5), spell(q)];
  const [preApart, originalApart, afterApart] = [2, 4, 5].map((i) => spell(apart[i]!.at(-1)!));
  const [l, n, size] = [spell(depth), spell(near), spell(m)];
  const steeper = trained && trained.pre.gradients[0]! > trained.post.gradients[0]!;
  const steep = steeper && { pre: spell(trained.pre.gradients[0]!), post: spell(trained.post.gradients[0]!) };
  return {
    status: "conditional",
    text: {
      en:
        `It depends on which post-activation block is meant. After ${l.en} random blocks $E x^2$ is ${pre.en} with pre-activation and ${original.en} in the original post-activation block: both grow, for in both the sum is not normalised. ` +
        `Only batch norm after the addition resets it (${after.en}). Nor does any gradient vanish: towards the input its square grows by ${preBack.en}, ${originalBack.en} and ${afterBack.en}, and by a factor near ${factor.en} per layer without any skip. ` +
        `What pre-activation gains over the original block is a clean identity path: with these numbers ${preBack.en} against ${originalBack.en}, and training nearer to inference (after ${n.en} blocks, batches of ${size.en}: ${preApart!.en} against ${originalApart!.en}, and ${afterApart!.en} for batch norm after the addition; 2 is unrelated). ` +
        `Batch norm at the branch's end without a ReLU after the sum is as good or better there. The price of growth: deep blocks add a share of about $1/l$ and approach the identity.` +
        (steep
          ? ` After training the advantage need not be left: of the two small nets the pre-activation one has the steeper gradient, ${steep.pre.en} against ${steep.post.en}.`
          : ""),
      fa:
        `بستگی دارد کدام بلوک پس‌فعال منظور باشد. پس از ${l.fa} بلوک تصادفی، $E x^2$ با پیش‌فعال‌سازی ${pre.fa} و در بلوک پس‌فعالِ اصلی ${original.fa} است: هر دو رشد می‌کنند، زیرا در هیچ‌کدام حاصل جمع نرمال نمی‌شود. ` +
        `تنها نرمال‌سازیِ پس از جمع آن را برمی‌گرداند (${after.fa}). هیچ گرادیانی هم محو نمی‌شود: مربع آن به سوی ورودی به ترتیب ${preBack.fa}، ${originalBack.fa} و ${afterBack.fa} برابر می‌شود و بدون اتصال میان‌بر در هر لایه نزدیک به ${factor.fa} برابر. ` +
        `آنچه پیش‌فعال‌سازی نسبت به بلوک اصلی به دست می‌آورد مسیر همانیِ پاک است: با همین عددها ${preBack.fa} در برابر ${originalBack.fa}، و نزدیکی بیشتر آموزش به استنتاج (پس از ${n.fa} بلوک با دسته‌های ${size.fa}تایی: ${preApart!.fa} در برابر ${originalApart!.fa}، و ${afterApart!.fa} برای نرمال‌سازیِ پس از جمع؛ ۲ یعنی بی‌ارتباط). ` +
        `نرمال‌سازی در پایان شاخه، بدون ReLU پس از جمع، در این دو معیار به همین خوبی یا بهتر است. بهای رشد: بلوک‌های عمیق سهمی نزدیک به $1/l$ می‌افزایند و به همانی نزدیک می‌شوند.` +
        (steep
          ? ` پس از آموزش لزوماً چیزی از این برتری نمی‌ماند: از دو شبکهٔ کوچک، گرادیانِ شبکهٔ پیش‌فعال شیب تندتری دارد، ${steep.pre.fa} در برابر ${steep.post.fa}.`
          : ""),
    },
  };
}
