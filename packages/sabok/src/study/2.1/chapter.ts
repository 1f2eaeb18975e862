// What one output of a stack of convolutions sees: the formula, its share of any input, the holes in it and its effective width,
// each beside the gradients of the library's own convolutions.
import { SabokError, tensor } from "../../core/index.ts";
import {
  effectiveStdOf,
  hybridDilation,
  isHoleFree,
  jumpsOf,
  outputsOf,
  receptiveFieldsOf,
  relativeField,
  stepsOf,
  supportOf,
  type ConvolutionLayer,
} from "../../analysis/design/index.ts";
import { fieldsOf } from "../../analysis/receptiveField/fields.ts";
import { lastMap } from "../../analysis/receptiveField/receptiveField.ts";
import { verifyReceptiveField } from "../../analysis/receptiveField/verifyReceptiveField.ts";
import type { Value } from "../../graph/index.ts";
import { conv2d, evaluate, network } from "../../nn/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { choice, number, text, tupleList } from "../parameters.ts";
import { spell, spellShare, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

const example = "3x1x1,3x2x1,3x4x1";
/** Beyond it the gradient is taken along one axis only. */
const largestVerified = 129;
const largestField = 4096;

export const chapter = defineChapter({
  id: "2.1",
  title: { en: "Receptive field with dilation and stride", fa: "میدان دید با اتساع و گام" },
  question: {
    en: "Which pixels does one output of a stack of dilated, strided convolutions see, and what share of the input is that?",
    fa: "یک خروجی از پشته‌ای از کانولوشن‌های متسع و گام‌دار کدام پیکسل‌ها را می‌بیند و این چه سهمی از ورودی است؟",
  },
  claim: {
    en: "The receptive field is R = 1 + Σ d(k − 1)·(product of the strides before), and an output sees all of it.",
    fa: "میدان دید R = 1 + Σ d(k − 1)·(حاصل‌ضرب گام‌های پیشین) است و خروجی همهٔ آن را می‌بیند.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    layers: text({
      label: { en: "layers, kernel x dilation x stride", fa: "لایه‌ها، هسته x اتساع x گام" },
      default: example,
      example,
    }),
    height: number({
      label: { en: "input height", fa: "ارتفاع ورودی" },
      default: 32,
      least: 1,
      most: 4096,
      whole: true,
    }),
    width: number({
      label: { en: "input width", fa: "عرض ورودی" },
      default: 32,
      least: 1,
      most: 4096,
      whole: true,
    }),
    padding: choice({ label: { en: "padding", fa: "لایه‌گذاری" }, choices: ["none", "same"], default: "none" }),
  },
  async run({ layers: list, height, width, padding }) {
    const layers = tupleList({ name: "layers", value: list, example }, 3, {
      least: 1,
      most: 64,
      whole: true,
      longest: 16,
    }).map(([kernel, dilation, stride]): ConvolutionLayer => ({
      kernel: kernel!,
      dilation: dilation!,
      stride: stride!,
    }));
    const fields = receptiveFieldsOf(layers);
    const field = fields.at(-1)!;
    if (field > largestField)
      throw new SabokError(
        `layers: got "${list}", a receptive field of ${field}; expected at most ${largestField}, for example ${example}.`,
      );
    const jumps = jumpsOf(layers);
    const steps = stepsOf(layers);
    const outputs = outputsOf(layers, [height, width], padding === "same" ? "same" : "valid");
    const fits = padding === "same" || outputs.every(([h, w]) => h >= 1 && w >= 1);
    const relative = relativeField(field, [height, width]);
    const support = supportOf(layers);
    const holeFree = isHoleFree(layers);
    const rule = hybridDilation(layers);
    const profile = await gradientProfile(layers, field);
    const seen = profile.flatMap((weight, at) => (weight > 0 ? [at] : []));
    const verified = field <= largestVerified ? await verify(layers, field) : undefined;
    const [short, long] = [Math.min(height, width), Math.max(height, width)];
    const deviation = spread(profile);

    const share = spellShare(support.length / field);
    return {
      results: {
        receptiveField: field,
        receptiveFields: fields,
        jumps,
        outputHeights: outputs.map(([h]) => h),
        outputWidths: outputs.map(([, w]) => w),
        fits,
        relativeHeight: relative.h,
        relativeWidth: relative.w,
        relativeArea: relative.area,
        mostRelativeLongAxis: padding === "none" ? short / long : 1,
        pixels: support.length,
        coverage: support.length / field,
        areaCoverage: (support.length / field) ** 2,
        holeFree,
        gradientPixels: seen.length,
        gradientAgrees: seen.length === support.length && seen.every((at, i) => at === support[i]),
        ...(verified && { mapAgrees: verified.agrees, mapDiffering: verified.differing }),
        effectiveStd: effectiveStdOf(layers),
        measuredStd: deviation,
        ...(rule && { hybridDistance: rule.distance, hybridHolds: rule.holds }),
      },
      series: [
        {
          name: { en: "gradient to the input", fa: "گرادیان نسبت به ورودی" },
          x: profile.map((_, at) => at - (field - 1) / 2),
          y: profile,
          xLabel: { en: "pixels from the middle of the field", fa: "فاصله از میانهٔ میدان، پیکسل" },
          yLabel: { en: "share of the gradient, equal kernels", fa: "سهم گرادیان با هسته‌های یکنواخت" },
          unit: "",
          figure: "profile",
        },
        {
          name: symbol("R"),
          x: fields.map((_, l) => l + 1),
          y: fields,
          xLabel: { en: "layer", fa: "لایه" },
          yLabel: { en: "receptive field, pixels", fa: "میدان دید، پیکسل" },
          unit: "",
          figure: "field",
        },
      ],
      tables: [
        {
          title: { en: "Layer by layer", fa: "لایه به لایه" },
          columns: [
            { en: "layer", fa: "لایه" },
            symbol("k"),
            symbol("d"),
            symbol("s"),
            { en: "step a = dJ", fa: "فاصلهٔ نمونه‌ها a = dJ" },
            symbol("R"),
            { en: "output", fa: "خروجی" },
          ],
          rows: layers.map(({ kernel, dilation, stride }, l) => [
            l + 1,
            kernel,
            dilation,
            stride,
            steps[l]!,
            fields[l]!,
            fits
              ? `${outputs[l]![0]}x${outputs[l]![1]}`
              : outputs[l]!.every((side) => side >= 1)
                ? `${outputs[l]![0]}x${outputs[l]![1]}`
                : { en: "nothing fits", fa: "جا نمی‌شود" },
          ]),
        },
      ],
      symbolic: [
        {
          label: { en: "receptive field", fa: "میدان دید" },
          tex: String.raw`R_L = 1 + \sum_{l=1}^{L} d_l (k_l - 1) \prod_{i<l} s_i`,
        },
        {
          label: { en: "output without padding", fa: "خروجی بدون لایه‌گذاری" },
          tex: String.raw`o_l = \Bigl\lfloor \frac{M - R_l}{J_l} \Bigr\rfloor + 1`,
        },
        {
          label: { en: "no holes", fa: "بدون حفره" },
          tex: String.raw`a_{(i)} \le 1 + \sum_{j<i} a_{(j)} (k_{(j)} - 1) ,\qquad a_{(1)} \le a_{(2)} \le \dots`,
        },
      ],
      verdict: fits
        ? {
            status: "conditional",
            text: {
              en: `The formula is exact (R = ${field}, and the gradients agree), but an output reads ${share.en} of each axis of it: ${holeFree ? "this stack leaves no hole" : "this stack leaves holes"}, others of the same R do. Its weight is concentrated: standard deviation ${spell(deviation).en} pixels.`,
              fa: `فرمول دقیق است (R = ${field.toLocaleString("fa")} و گرادیان‌ها هم همین را می‌گویند)، اما خروجی ${share.fa} هر محور آن را می‌خواند: ${holeFree ? "این پشته حفره‌ای ندارد" : "این پشته حفره دارد"}، ولی پشته‌های دیگری با همین R می‌توانند داشته باشند. وزن هم متمرکز است: انحراف معیار ${spell(deviation).fa} پیکسل.`,
            },
          }
        : {
            status: "conditional",
            text: {
              en: `A field of ${field} does not fit an input of ${height}x${width} without padding: there is no output at all. R ≤ ${short} is needed, so no more than ${spellShare(short / long).en} of the longer axis can be seen.`,
              fa: `میدان دید ${field.toLocaleString("fa")} بدون لایه‌گذاری در ورودی ${height.toLocaleString("fa")}×${width.toLocaleString("fa")} جا نمی‌شود و هیچ خروجی‌ای نیست. باید R ≤ ${short.toLocaleString("fa")} باشد؛ پس بیش از ${spellShare(short / long).fa} محور بلندتر دیدنی نیست.`,
            },
          },
    };
  },
});

/** The gradient of output 0 to a row of R pixels, every kernel a mean. */
async function gradientProfile(layers: readonly ConvolutionLayer[], field: number): Promise<number[]> {
  const kernels = layers.map(({ kernel }) =>
    tensor([1, 1, 1, kernel], new Float64Array(kernel).fill(1 / kernel)),
  );
  const gradient = await evaluate(
    (x, one, ...weights) => {
      let y: Value = x;
      layers.forEach(
        ({ dilation, stride }, l) =>
          (y = conv2d(y, weights[l]!, { dilation: [1, dilation], stride: [1, stride] })),
      );
      return gradientsOf(y, [x], one)[0]!;
    },
    [tensor([1, 1, 1, field], new Float64Array(field)), tensor([1, 1, 1, 1], [1]), ...kernels],
  );
  return Array.from(gradient.data);
}

function spread(weights: readonly number[]): number {
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = weights.reduce((sum, weight, at) => sum + weight * at, 0) / total;
  return Math.sqrt(weights.reduce((sum, weight, at) => sum + weight * (at - mean) ** 2, 0) / total);
}

/** The analysis of the network itself against its two-dimensional gradient. */
function verify(layers: readonly ConvolutionLayer[], field: number) {
  const { graph } = network({ image: [1, field, field] }, ({ image }) =>
    layers.reduce(
      (x, { kernel, dilation, stride }) => conv2d(x, { out: 1, kernel, dilation, stride }),
      image,
    ),
  );
  const fields = fieldsOf(graph);
  return verifyReceptiveField(fields, lastMap(fields));
}
