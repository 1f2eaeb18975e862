// What separable convolutions save, counted on the library's graphs: one layer, sums of several terms, whole networks; and
// what the saving costs in capacity and does not give in time.
import { sizeOf } from "../../core/index.ts";
import { countMacs, countParameters, layerTable } from "../../analysis/index.ts";
import { add, conv2d, network } from "../../nn/index.ts";
import {
  blockStringNetwork,
  mobilenetV1,
  mobilenetV2,
  mobilenetV3Large,
  mobilenetV3Small,
} from "../../nn/models/index.ts";
import { statesOf, type Graph, type Value } from "../../graph/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.1.3",
  title: { en: "What separable convolutions cost", fa: "هزینهٔ کانولوشن‌های جداپذیر" },
  question: {
    en: "By what factor does a depthwise separable convolution reduce the computation of a standard one, and what is given up for it?",
    fa: "کانولوشن جداپذیر عمقی محاسبهٔ کانولوشن معمولی را چند برابر کم می‌کند و در برابرش چه از دست می‌رود؟",
  },
  claim: {
    en: "The cost falls to 1/C_out + 1/K² of the standard convolution's, at the same capacity.",
    fa: "هزینه به 1/C_out + 1/K² کانولوشن معمولی می‌رسد، با همان ظرفیت.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    kernel: number({
      label: { en: "kernel side K", fa: "اندازهٔ هسته K" },
      default: 3,
      least: 1,
      most: 15,
      whole: true,
    }),
    in: number({
      label: { en: "input channels", fa: "کانال‌های ورودی" },
      default: 64,
      least: 1,
      most: 2048,
      whole: true,
    }),
    out: number({
      label: { en: "output channels", fa: "کانال‌های خروجی" },
      default: 256,
      least: 1,
      most: 2048,
      whole: true,
    }),
    size: number({
      label: { en: "side of the input map", fa: "اندازهٔ نقشهٔ ورودی" },
      default: 28,
      least: 1,
      most: 512,
      whole: true,
    }),
    stride: number({ label: { en: "stride", fa: "گام" }, default: 1, least: 1, most: 4, whole: true }),
    terms: number({
      label: { en: "separable terms ρ", fa: "تعداد جمله‌های جداپذیر ρ" },
      default: 1,
      least: 1,
      most: 32,
      whole: true,
    }),
  },
  run({ kernel, in: channels, out, size, stride, terms }) {
    const geometry = {
      kernel,
      stride,
      padding: [kernel >> 1, kernel >> 1, (kernel - 1) >> 1, (kernel - 1) >> 1] as const,
    };
    const layer = (build: (x: Value) => Value): Graph =>
      network({ x: [channels, size, size] }, ({ x }) => build(x)).graph;
    const separable = (x: Value, name: string): Value =>
      conv2d(conv2d(x, { out: channels, groups: channels, ...geometry, name: `${name}.depthwise` }), {
        out,
        name: `${name}.pointwise`,
      });
    const sumOf = (count: number): Graph =>
      layer((x) =>
        Array.from({ length: count }, (_, r) => separable(x, `term${r}`)).reduce((a, b) => add(a, b)),
      );
    const standard = layer((x) => conv2d(x, { out, ...geometry }));
    const whole = { standard: countMacs(standard), one: countMacs(sumOf(1)), terms: countMacs(sumOf(terms)) };

    const area = kernel ** 2;
    const ratio = 1 / out + 1 / area;
    const breakEven = (area * out) / (area + out);
    const fullRank = Math.min(area, out);
    const cheaperUpTo = Math.max(0, Math.ceil(breakEven) - 1);
    const [ratioText, fullText] = [spell(whole.one / whole.standard, 4), spell(fullRank * ratio, 4)];
    const networks = wholeNetworks();
    const v1 = mobilenetV1().graph;
    const shares = sharesOf(v1);
    const counts = Array.from({ length: Math.max(2, Math.min(32, fullRank)) }, (_, i) => i + 1);
    return {
      results: {
        standardMacs: whole.standard,
        separableMacs: whole.one,
        ratio: whole.one / whole.standard,
        formula: ratio,
        saving: whole.standard / whole.one,
        termsRatio: whole.terms / whole.standard,
        breakEven,
        cheaperUpTo,
        fullRank,
        fullRankRatio: fullRank * ratio,
        freedom: channels * (area + out - 1),
        standardFreedom: channels * out * area,
        worstError: 1 - 1 / fullRank,
        ...Object.fromEntries(
          networks.flatMap(({ name, macs, parameters }) => [
            [`${name}Macs`, macs],
            [`${name}Parameters`, parameters],
          ]),
        ),
        v1ParametersWithoutNorm: parametersWithoutNorm(v1),
        v1PointwiseShare: shares.pointwise,
        v1DepthwiseShare: shares.depthwise,
        v1FirstShare: shares.first,
        v1ClassifierShare: shares.classifier,
      },
      tables: [
        {
          title: { en: "The ratio for usual layers", fa: "نسبت برای لایه‌های معمول" },
          columns: [
            symbol("K"),
            symbol("C_out"),
            { en: "ratio", fa: "نسبت" },
            { en: "times cheaper", fa: "چند برابر ارزان‌تر" },
            symbol("ρ*"),
          ],
          rows: usual.map(([k, c]) => [
            k,
            c,
            1 / c + 1 / k ** 2,
            1 / (1 / c + 1 / k ** 2),
            (k ** 2 * c) / (k ** 2 + c),
          ]),
        },
        {
          title: { en: "Whole networks, 224x224, 1000 classes", fa: "شبکه‌های کامل، ۲۲۴×۲۲۴ و ۱۰۰۰ کلاس" },
          columns: [
            { en: "network", fa: "شبکه" },
            { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
            { en: "parameters", fa: "پارامترها" },
          ],
          rows: networks.map(({ label, macs, parameters }) => [label, macs, parameters]),
        },
        {
          title: {
            en: "Where MobileNetV1's multiply-accumulates are",
            fa: "ضرب‌وجمع‌های MobileNetV1 کجا هستند",
          },
          columns: [
            { en: "kind", fa: "نوع" },
            { en: "share", fa: "سهم" },
          ],
          rows: [
            [{ en: "pointwise", fa: "نقطه‌ای" }, shares.pointwise],
            [{ en: "depthwise", fa: "عمقی" }, shares.depthwise],
            [{ en: "first convolution", fa: "نخستین کانولوشن" }, shares.first],
            [{ en: "classifier", fa: "دسته‌بند" }, shares.classifier],
          ],
        },
      ],
      series: [
        {
          name: { en: "ρ separable terms", fa: "ρ جملهٔ جداپذیر" },
          x: counts,
          y: counts.map((count) => count * ratio),
          xLabel: { en: "terms ρ", fa: "تعداد جمله‌ها ρ" },
          yLabel: { en: "cost over the standard convolution's", fa: "هزینه نسبت به کانولوشن معمولی" },
          unit: "",
          figure: "cost",
        },
        {
          name: { en: "standard", fa: "معمولی" },
          x: counts,
          y: counts.map(() => 1),
          xLabel: { en: "terms ρ", fa: "تعداد جمله‌ها ρ" },
          yLabel: { en: "cost over the standard convolution's", fa: "هزینه نسبت به کانولوشن معمولی" },
          unit: "",
          figure: "cost",
        },
      ],
      symbolic: [
        {
          label: { en: "one term", fa: "یک جمله" },
          tex: String.raw`\frac{C_{in}(K^2 + C_{out})H'W'}{K^2 C_{in} C_{out} H'W'} = \frac{1}{C_{out}} + \frac{1}{K^2}`,
        },
        {
          label: { en: "cheaper than standard", fa: "ارزان‌تر از معمولی" },
          tex: String.raw`\rho < \rho^* = \frac{K^2 C_{out}}{K^2 + C_{out}}`,
        },
      ],
      verdict: {
        status: "conditional",
        text: {
          en: `The ratio is exact (${ratioText.en} here), but the capacity is not the same: at the ${fullRank} terms that can be any kernel, the sum costs ${fullText.en} of the standard convolution, never less than all of it.`,
          fa: `نسبت دقیق است (اینجا ${ratioText.fa})، اما ظرفیت یکسان نیست: با ${fullRank.toLocaleString("fa")} جمله که هر هسته‌ای را می‌سازند، هزینهٔ مجموع ${fullText.fa} برابر کانولوشن معمولی است و هرگز کمتر از آن نمی‌شود.`,
        },
      },
    };
  },
});

const usual = [
  [3, 16],
  [3, 64],
  [3, 256],
  [3, 512],
  [5, 256],
  [7, 512],
] as const;

/** MobileNetV1 with standard convolutions in place of the separable ones. */
const standardV1 = `stem_k3_s2_c32, cn_r1_k3_s1_c64, cn_r1_k3_s2_c128, cn_r1_k3_s1_c128, cn_r1_k3_s2_c256, cn_r1_k3_s1_c256,
  cn_r1_k3_s2_c512, cn_r5_k3_s1_c512, cn_r1_k3_s2_c1024, cn_r1_k3_s1_c1024`;

function wholeNetworks() {
  const networks: readonly (readonly [name: string, label: string, graph: Graph])[] = [
    ["v1", "MobileNetV1", mobilenetV1().graph],
    ["v1Standard", "MobileNetV1, standard convolutions", blockStringNetwork(standardV1).graph],
    ["v2", "MobileNetV2", mobilenetV2().graph],
    ["v3Large", "MobileNetV3-Large", mobilenetV3Large().graph],
    ["v3Small", "MobileNetV3-Small", mobilenetV3Small().graph],
  ];
  return networks.map(([name, label, graph]) => ({
    name,
    label: name === "v1Standard" ? { en: label, fa: "MobileNetV1 با کانولوشن معمولی" } : symbol(label),
    macs: countMacs(graph),
    parameters: countParameters(graph),
  }));
}

/** Parameters other than the γ and β of batch norms. */
function parametersWithoutNorm(graph: Graph): number {
  const ofNorms = new Set(
    graph.values.flatMap(({ op, inputs }) => (op === "batchNorm" ? inputs.slice(1, 3) : [])),
  );
  return [...statesOf(graph, "parameter").values()]
    .filter((parameter) => !ofNorms.has(parameter))
    .reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
}

function sharesOf(graph: Graph) {
  const { rows, macs } = layerTable(graph);
  const share = (test: RegExp): number =>
    rows.filter(({ op }) => test.test(op)).reduce((sum, row) => sum + row.macs, 0) / macs;
  return {
    pointwise: share(/^conv 1x1/),
    depthwise: share(/^depthwise/),
    first: share(/^conv 3x3/),
    classifier: share(/^linear/),
  };
}
