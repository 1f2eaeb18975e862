// Batch norm on a dense and on a convolutional layer, in training and at inference: axes, counts, the two variances, the
// two conventions of momentum, the gradient, and what can be folded.
import {
  Random,
  SabokError,
  ShapeError,
  formatShape,
  sizeOf,
  tensor,
  type Shape,
  type Tensor,
} from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { GraphBuilder, statesOf, type Value } from "../../graph/index.ts";
import { batchNorm, evaluate, network, type Network } from "../../nn/index.ts";
import { movingAverage } from "../../ops/index.ts";
import { toInference } from "../../passes/index.ts";
import type { Matrix, Series, Table, Text, Verdict } from "../chapter.ts";
import { defineChapter, type Findings } from "../defineChapter.ts";
import { dot, largestDifference, meanOf, normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";
import { choice, number, numberList, text } from "../parameters.ts";
import { spell } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { foldingErrors, type FoldingErrors } from "./foldingErrors.ts";

export const chapter = defineChapter({
  id: "1.1",
  title: {
    en: "Batch norm on dense and convolutional layers, in training and at inference",
    fa: "نرمال‌سازی دسته‌ای در لایه‌های تمام‌متصل و کانولوشنی، در آموزش و در استنتاج",
  },
  question: {
    en: "Over which values does batch norm average in a fully connected and in a convolutional layer, and how does what it computes in training differ from what it computes at inference?",
    fa: "نرمال‌سازی دسته‌ای در لایهٔ تمام‌متصل و در لایهٔ کانولوشنی روی کدام مقدارها میانگین می‌گیرد، و محاسبهٔ آن در آموزش با محاسبهٔ آن در استنتاج چه تفاوتی دارد؟",
  },
  claim: {
    en: "Batch norm is the same operation in dense and convolutional layers, and inference repeats with averaged statistics what training did.",
    fa: "نرمال‌سازی دسته‌ای در لایه‌های تمام‌متصل و کانولوشنی یک عمل یکسان است و استنتاج همان کار آموزش را با آماره‌های میانگین‌گرفته‌شده تکرار می‌کند.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    layer: choice({
      label: { en: "kind of layer", fa: "نوع لایه" },
      choices: ["conv", "dense"],
      default: "conv",
    }),
    batch: number({
      label: { en: "samples N", fa: "تعداد نمونه‌ها N" },
      default: 2,
      least: 1,
      most: 256,
      whole: true,
    }),
    channels: number({
      label: { en: "channels C", fa: "تعداد کانال‌ها C" },
      default: 2,
      least: 1,
      most: 16,
      whole: true,
    }),
    size: number({
      label: { en: "height and width of a map", fa: "ارتفاع و عرض نقشه" },
      default: 2,
      least: 1,
      most: 16,
      whole: true,
    }),
    values: text({
      label: {
        en: "values: count (0, 1, 2 …), normal, or a list",
        fa: "مقدارها: count (۰، ۱، ۲، …)، normal، یا یک فهرست",
      },
      default: "count",
      example: "1,2,3,6,5,10,7,14",
    }),
    upstream: text({
      label: {
        en: "gradient of the output: first (1, 0, 0 …) or a list",
        fa: "گرادیان خروجی: first (۱، ۰، ۰، …) یا یک فهرست",
      },
      default: "first",
      example: "1,0,0,0",
    }),
    steps: number({
      label: { en: "identical batches seen", fa: "تعداد دسته‌های یکسان دیده‌شده" },
      default: 10,
      least: 1,
      most: 1000,
      whole: true,
    }),
    momentum: number({
      label: { en: "momentum (PyTorch's)", fa: "ضریب تکانه (قرارداد PyTorch)" },
      default: 0.1,
      least: 0,
      most: 1,
    }),
    epsilon: number({ label: { en: "ε", fa: "ε" }, default: 1e-5, least: 1e-30, most: 1 }),
  },
  async run({ layer, batch, channels, size, values, upstream, steps, momentum, epsilon }) {
    const shape: Shape = layer === "dense" ? [batch, channels] : [batch, channels, size, size];
    const count = sizeOf(shape) / channels;
    const x = tensor(shape, readValues(values, shape));
    if (count < 2) return refusedInTraining(x, epsilon);
    const g = tensor(shape, upstream === "first" ? firstOnly(shape) : readList("upstream", upstream, shape));

    const net = network({ x: shape.slice(1) }, ({ x }) => batchNorm(x, { epsilon, momentum, name: "norm" }), {
      batch,
    });
    const trained = seenOften(net, x, steps);
    const states = new Map([...net.weights, ...trained.states]);
    const inferred = interpret(toInference(net.graph), { x }, states).outputs["logits"]!;

    const { mean, variance, gradient, fixedGradient } = await evaluate(
      (x, g, runningMean, runningVariance) => {
        const own = batchStatistics(x);
        const [gradient] = gradientsOf(normalizeBy(x, own, { epsilon }), [x], g);
        const fixed = { mean: runningMean, variance: runningVariance };
        const [fixedGradient] = gradientsOf(normalizeBy(x, fixed, { epsilon }), [x], g);
        return { ...own, gradient: gradient!, fixedGradient: fixedGradient! };
      },
      [x, g, states.get("norm.running_mean")!, states.get("norm.running_var")!],
    );
    const unbiased = Array.from(variance.data, (v) => (v * count) / (count - 1));
    const keras = await kerasRunning(x, steps, 1 - momentum);
    const bounds = await outlierBounds();
    const folding = foldingErrors();
    const weights = statesOf(net.graph, "parameter");
    const parameterCount = [...weights.values()].reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
    const gap = largestDifference(trained.output.data, inferred.data);

    return {
      results: {
        count,
        parameterCount,
        mean: [...mean.data],
        biasedVariance: [...variance.data],
        unbiasedVariance: unbiased,
        runningMean: [...states.get("norm.running_mean")!.data],
        runningVariance: [...states.get("norm.running_var")!.data],
        kerasRunningMean: keras.mean,
        kerasRunningVariance: keras.variance,
        output: [...trained.output.data],
        inferenceOutput: [...inferred.data],
        gradient: [...gradient.data],
        inferenceGradient: [...fixedGradient.data],
        gradientSum: gradient.data.length * meanOf(gradient.data),
        gradientAlongOutput: dot(gradient.data, trained.output.data),
        trainingToInference: gap,
        foldIntoConvolution: folding.intoConvolution,
        foldAcrossPaddingInterior: folding.interior,
        foldAcrossPaddingBorder: folding.border,
        foldAcrossPaddingRefusal: folding.refusal,
      },
      tables: [
        countsTable(batch, channels, size),
        statisticsTable(mean, variance, unbiased, states, keras),
        foldingTable(folding),
      ],
      matrices: matricesOf(x, trained.output, inferred, gradient),
      series: [...runningSeries(trained.path, mean.data[0]!, momentum), ...bounds],
      symbolic: [
        {
          label: { en: "statistics of channel c", fa: "آماره‌های کانال c" },
          tex:
            layer === "dense"
              ? String.raw`\mu_c=\frac1N\sum_n x_{nc},\qquad \sigma_c^2=\frac1N\sum_n (x_{nc}-\mu_c)^2`
              : String.raw`\mu_c=\frac1{NHW}\sum_{n,i,j} x_{ncij},\qquad \sigma_c^2=\frac1{NHW}\sum_{n,i,j} (x_{ncij}-\mu_c)^2`,
        },
        {
          label: { en: "gradient in training", fa: "گرادیان در آموزش" },
          tex: String.raw`\frac{\partial L}{\partial x_i}=\frac{\gamma}{\sqrt{\sigma^2+\varepsilon}}\Bigl[g_i-\overline{g}-\hat x_i\,\overline{g\hat x}\Bigr]`,
        },
      ],
      verdict: verdictOf(count, parameterCount, channels, steps, gap),
    };
  },
});

function verdictOf(count: number, parameters: number, channels: number, steps: number, gap: number): Verdict {
  const [m, p, c, t, d] = [count, parameters, channels, steps, gap].map((value) => spell(value));
  return {
    status: "conditional",
    text: {
      en:
        `The formula is one, the axes are not: each of the ${c!.en} channels has one mean and one variance of ${m!.en} values, and there are ${p!.en} parameters. ` +
        `Training and inference are two functions. In training a sample's output depends on its batch, which is divided by the biased variance; ` +
        `inference is a fixed affine map by running statistics, which keep the unbiased one. They agree only once those have arrived at the data's: ` +
        `after ${t!.en} identical batches they differ by up to ${d!.en} here.`,
      fa:
        `فرمول یکی است ولی محورها نه: هر یک از ${c!.fa} کانال یک میانگین و یک واریانس از ${m!.fa} مقدار دارد و ${p!.fa} پارامتر در کار است. ` +
        `آموزش و استنتاج دو تابع متفاوت‌اند. در آموزش خروجی هر نمونه به هم‌دسته‌هایش وابسته است و تقسیم بر واریانس اریب انجام می‌شود؛ ` +
        `استنتاج نگاشت آفین ثابتی با آماره‌های جاری است که واریانس نااریب را نگه می‌دارند. این دو تنها زمانی یکی می‌شوند که آماره‌های جاری به آماره‌های داده رسیده باشند: ` +
        `پس از ${t!.fa} دستهٔ یکسان، اینجا تا ${d!.fa} با هم تفاوت دارند.`,
    },
  };
}

/** One value a channel: training has no variance to divide by, and the library says so; inference has no such trouble. */
async function refusedInTraining(x: Tensor, epsilon: number): Promise<Findings> {
  const message = await evaluate((x) => batchStatistics(x).variance, [x]).then(
    () => "",
    (error: unknown) => {
      if (error instanceof ShapeError) return error.message;
      throw error;
    },
  );
  const [channels] = x.shape.slice(1);
  const vector = (value: number): Tensor => tensor([channels!], new Float64Array(channels!).fill(value));
  const output = await evaluate(
    (x, mean, variance) => normalizeBy(x, { mean, variance }, { epsilon }),
    [x, vector(0), vector(1)],
  );
  return {
    results: { count: 1, refused: message, inferenceOutput: [...output.data] },
    verdict: {
      status: "conditional",
      text: {
        en: `One value a channel has variance 0, so training is refused: every output would be β whatever the input. (${message}) Inference works: its statistics are stored.`,
        fa: "با یک مقدار در هر کانال واریانس صفر است و آموزش پذیرفته نمی‌شود، زیرا خروجی مستقل از ورودی همیشه β می‌شد. استنتاج مشکلی ندارد، چون آماره‌هایش ذخیره شده‌اند. دستهٔ بزرگ‌تر یا نقشهٔ بزرگ‌تر بدهید.",
      },
    },
  };
}

function readValues(values: string, shape: Shape): readonly number[] | Float64Array {
  if (values === "count") return Array.from({ length: sizeOf(shape) }, (_, i) => i);
  if (values === "normal") return normalTensor(new Random(1), shape).data;
  return readList("values", values, shape);
}

function readList(name: string, value: string, shape: Shape): number[] {
  const size = sizeOf(shape);
  const example = Array.from({ length: Math.min(size, 8) }, (_, i) => i).join(",") + (size > 8 ? ",…" : "");
  if (value.split(",").length !== size)
    throw new SabokError(
      `${name}: got ${value.split(",").length} numbers for shape ${formatShape(shape)}; expected ${size} in row-major order, for example ${example}.`,
    );
  return numberList({ name, value, example }, { least: -1e6, most: 1e6 });
}

function firstOnly(shape: Shape): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => (i === 0 ? 1 : 0));
}

/** Runs the training graph `steps` times on the same batch, each run with the states the one before left. */
function seenOften(
  net: Network,
  x: Tensor,
  steps: number,
): { output: Tensor; states: Map<string, Tensor>; path: number[] } {
  let states = new Map<string, Tensor>(net.weights);
  const path = [0];
  let output = x;
  for (let step = 0; step < steps; step++) {
    const run = interpret(net.graph, { x }, states);
    states = new Map([...states, ...run.states]);
    output = run.outputs["logits"]!;
    path.push(states.get("norm.running_mean")!.data[0]!);
  }
  return { output, states, path };
}

/** Keras: r ← m·r + (1 − m)·statistic with the biased variance (its fused kernel takes the unbiased one). */
async function kerasRunning(
  x: Tensor,
  steps: number,
  momentum: number,
): Promise<{ mean: number[]; variance: number[] }> {
  const channels = [x.shape[1]!];
  let running = [new Float64Array(channels[0]!), new Float64Array(channels[0]!).fill(1)];
  for (let step = 0; step < steps; step++) {
    const next = await evaluate(
      (x, mean, variance) => {
        const g = new GraphBuilder();
        const own = batchStatistics(x);
        const move = (state: Value, statistic: Value) =>
          g.apply(movingAverage, [state, statistic], { momentum: 1 - momentum });
        return { mean: move(mean, own.mean), variance: move(variance, own.variance) };
      },
      [x, tensor(channels, running[0]!), tensor(channels, running[1]!)],
    );
    running = [Float64Array.from(next.mean.data), Float64Array.from(next.variance.data)];
  }
  return { mean: [...running[0]!], variance: [...running[1]!] };
}

/** The largest |x̂| of a batch of m: of one outlier among equals, which reaches √(m − 1), and of normal numbers. */
async function outlierBounds(): Promise<Series[]> {
  const counts = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
  const largest = async (data: (m: number) => ArrayLike<number>): Promise<number[]> => {
    const values: number[] = [];
    for (const m of counts) {
      const y = await evaluate(
        (x) => normalizeBy(x, batchStatistics(x)),
        [tensor([m, 1], Array.from(data(m)))],
      );
      values.push(Math.max(...Array.from(y.data, Math.abs)));
    }
    return values;
  };
  const outlier = await largest((m) => Array.from({ length: m }, (_, i) => (i === 0 ? 1000 : 0)));
  const normal = await largest((m) => normalTensor(new Random(m), [m]).data);
  const common = {
    x: counts,
    xLabel: { en: "values a channel m", fa: "تعداد مقدارهای کانال m" },
    yLabel: { en: "largest |x̂|", fa: "بزرگ‌ترین |x̂|" },
    unit: "",
    figure: "bound",
  };
  return [
    { ...common, name: { en: "one outlier", fa: "یک دادهٔ پرت" }, y: outlier },
    { ...common, name: { en: "normal numbers", fa: "عددهای نرمال" }, y: normal },
    { ...common, name: { en: "bound √(m−1)", fa: "کران نظری" }, y: counts.map((m) => Math.sqrt(m - 1)) },
  ];
}

function runningSeries(path: readonly number[], mean: number, momentum: number): Series[] {
  const x = path.map((_, t) => t);
  const common = {
    x,
    xLabel: { en: "batches seen t", fa: "دسته‌های دیده‌شده t" },
    yLabel: { en: "running mean of the first channel", fa: "میانگین جاری کانال اول" },
    unit: "",
    figure: "running",
  };
  return [
    { ...common, name: { en: "measured", fa: "اندازه‌گیری" }, y: [...path] },
    { ...common, name: { en: "formula", fa: "فرمول" }, y: x.map((t) => (1 - (1 - momentum) ** t) * mean) },
  ];
}

function countsTable(batch: number, channels: number, size: number): Table {
  const row = (name: Text, axes: string, m: number): Table["rows"][number] => [
    name,
    axes,
    channels,
    m,
    2 * channels,
  ];
  return {
    title: { en: "What is averaged", fa: "روی چه چیزی میانگین گرفته می‌شود" },
    columns: [
      { en: "layer", fa: "لایه" },
      { en: "axes", fa: "محورها" },
      { en: "means and variances", fa: "میانگین‌ها و واریانس‌ها" },
      { en: "values each (m)", fa: "مقدار برای هر کدام (m)" },
      { en: "parameters γ, β", fa: "پارامترهای γ و β" },
    ],
    rows: [
      row({ en: "dense [N,D]", fa: "تمام‌متصل [N,D]" }, "N", batch),
      row({ en: "convolutional [N,C,H,W]", fa: "کانولوشنی [N,C,H,W]" }, "N, H, W", batch * size * size),
    ],
  };
}

function statisticsTable(
  mean: Tensor,
  variance: Tensor,
  unbiased: readonly number[],
  states: ReadonlyMap<string, Tensor>,
  keras: { mean: number[]; variance: number[] },
): Table {
  return {
    title: { en: "Statistics of each channel", fa: "آماره‌های هر کانال" },
    columns: [
      { en: "channel", fa: "کانال" },
      { en: "mean", fa: "میانگین" },
      { en: "biased variance", fa: "واریانس اریب" },
      { en: "unbiased", fa: "نااریب" },
      { en: "running mean", fa: "میانگین جاری" },
      { en: "running variance", fa: "واریانس جاری" },
      { en: "running variance, Keras", fa: "واریانس جاری، Keras" },
    ],
    rows: Array.from(mean.data, (value, c) => [
      c,
      value,
      variance.data[c]!,
      unbiased[c]!,
      states.get("norm.running_mean")!.data[c]!,
      states.get("norm.running_var")!.data[c]!,
      keras.variance[c]!,
    ]),
  };
}

function foldingTable({ intoConvolution, interior, border }: FoldingErrors): Table {
  return {
    title: {
      en: "Folding batch norm away at inference: largest error",
      fa: "ادغام نرمال‌سازی در کانولوشن هنگام استنتاج: بیشترین خطا",
    },
    columns: [
      { en: "where", fa: "کجا" },
      { en: "error", fa: "خطا" },
    ],
    rows: [
      [
        {
          en: "conv → BN, folded into the convolution before it",
          fa: "کانولوشن ← BN، ادغام در کانولوشن پیش از آن",
        },
        intoConvolution,
      ],
      [
        {
          en: "BN → zero-padded conv, folded anyway: interior",
          fa: "BN ← کانولوشن با لایه‌گذاری صفر، با این همه ادغام‌شده: درون نقشه",
        },
        interior,
      ],
      [{ en: "the same: border", fa: "همان: لبهٔ نقشه" }, border],
    ],
  };
}

/** The first sample's first channel, or the whole of a dense layer's batch, up to 8x8. */
function matricesOf(x: Tensor, output: Tensor, inferred: Tensor, gradient: Tensor): Matrix[] {
  const [rows, columns] = x.shape.length === 2 ? [x.shape[0]!, x.shape[1]!] : [x.shape[2]!, x.shape[3]!];
  const cut = ({ data }: Tensor): number[][] =>
    Array.from({ length: Math.min(rows, 8) }, (_, i) => [
      ...data.subarray(i * columns, i * columns + Math.min(columns, 8)),
    ]);
  const which =
    x.shape.length === 2
      ? { en: "", fa: "" }
      : { en: ", first sample and channel", fa: "، نمونه و کانال اول" };
  const named = (name: Text, data: Tensor): Matrix => ({
    name: { en: name.en + which.en, fa: name.fa + which.fa },
    rows: cut(data),
  });
  return [
    named({ en: "x", fa: "ورودی" }, x),
    named({ en: "output in training", fa: "خروجی در آموزش" }, output),
    named({ en: "output at inference", fa: "خروجی در استنتاج" }, inferred),
    named({ en: "gradient to x in training", fa: "گرادیان نسبت به ورودی در آموزش" }, gradient),
  ];
}
