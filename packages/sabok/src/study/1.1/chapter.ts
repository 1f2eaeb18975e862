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
import { statesOf } from "../../graph/index.ts";
import { batchNorm, evaluate, network } from "../../nn/index.ts";
import { toInference } from "../../passes/index.ts";
import type { Verdict } from "../chapter.ts";
import { defineChapter, type Findings } from "../defineChapter.ts";
import { dot, largestDifference, meanOf, normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";
import { choice, number, numberList, text } from "../parameters.ts";
import { spell } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { foldingErrors } from "./foldingErrors.ts";
import { outlierBounds } from "./outlierBounds.ts";
import { kerasRunning, runningSeries, seenOften } from "./runningStatistics.ts";
import { countsTable, foldingTable, matricesOf, statisticsTable } from "./statisticsTables.ts";

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
      most: 200,
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
  async run({ layer, batch, channels, size, values, upstream, steps, momentum, epsilon }, context) {
    const shape: Shape = layer === "dense" ? [batch, channels] : [batch, channels, size, size];
    const count = sizeOf(shape) / channels;
    const x = tensor(shape, readValues(values, shape));
    if (count < 2) return refusedInTraining(x, epsilon);
    const g = tensor(shape, upstream === "first" ? firstOnly(shape) : readList("upstream", upstream, shape));

    const net = network({ x: shape.slice(1) }, ({ x }) => batchNorm(x, { epsilon, momentum, name: "norm" }), {
      batch,
    });
    const trained = seenOften(net, x, steps, context);
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
        `آموزش و استنتاج دو تابع متفاوت‌اند. در آموزش خروجی هر نمونه به نمونه‌های دیگر دسته وابسته است و تقسیم بر واریانس اریب انجام می‌شود؛ ` +
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
