// The inverted residual against the residual bottleneck: multiply-accumulates, weights and memory, by formula, by count on the
// library's graphs, and by the arena that its planner lays out, also when the block is computed in chunks of channels.
import { Random, type Tensor } from "../../core/index.ts";
import { countMacs, countParameters, layerTable } from "../../analysis/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { GraphBuilder, type Graph, type Value } from "../../graph/index.ts";
import { add, batchNorm, conv2d, network, relu } from "../../nn/index.ts";
import { mobilenetV2 } from "../../nn/models/index.ts";
import { add as addOp, conv2d as conv2dOp, relu6 as relu6Op } from "../../ops/index.ts";
import { planGraph } from "../../runtime/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { invertedResidual } from "../mobileFamily.ts";
import { number } from "../parameters.ts";
import { spell } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.2.1",
  title: { en: "Inverted residual blocks", fa: "بلوک‌های باقی‌ماندهٔ معکوس" },
  question: {
    en: "How does the inverted residual of MobileNetV2 differ from a plain residual block in structure, computation and memory?",
    fa: "بلوک باقی‌ماندهٔ معکوس در MobileNetV2 از نظر ساختار، محاسبه و حافظه چه تفاوتی با بلوک باقی‌ماندهٔ معمولی دارد؟",
  },
  claim: {
    en: "The inverted residual needs less computation and less memory than the residual block.",
    fa: "بلوک باقی‌ماندهٔ معکوس به محاسبه و حافظهٔ کمتری از بلوک باقی‌مانده نیاز دارد.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    size: number({
      label: { en: "side of the input map", fa: "اندازهٔ نقشهٔ ورودی" },
      default: 14,
      least: 1,
      most: 112,
      whole: true,
    }),
    in: number({
      label: { en: "input channels d", fa: "کانال‌های ورودی d" },
      default: 96,
      least: 1,
      most: 320,
      whole: true,
    }),
    out: number({
      label: { en: "output channels d′", fa: "کانال‌های خروجی d′" },
      default: 96,
      least: 1,
      most: 320,
      whole: true,
    }),
    expansion: number({
      label: { en: "expansion factor t", fa: "ضریب گسترش t" },
      default: 6,
      least: 1,
      most: 10,
      whole: true,
    }),
    stride: number({ label: { en: "stride", fa: "گام" }, default: 1, least: 1, most: 2, whole: true }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  run({ size, in: d, out, expansion: t, stride, seed }) {
    const block = network({ x: [d, size, size] }, ({ x }) =>
      invertedResidual(x, { expansion: t, out, stride }),
    ).graph;
    const [pixels, after] = [size * size, Math.ceil(size / stride) ** 2];
    const formula = (t > 1 ? pixels * d * t * d : 0) + after * t * d * (9 + out);
    const skip = stride === 1 && d === out;

    const macsPerPixel = {
      bottleneck: countMacs(bottleneck(256, 64)),
      thinEnds: perPixel(64, 4),
      wideEnds: perPixel(256, 6),
    };
    const v2 = ofMobilenetV2();
    const memory = memoryOf({ size, d, out, t, stride, seed });
    const inOut = pixels * d + after * out;
    const naive = (pixels + after) * t * d;
    const smallerArena = memory.chunks.find(({ chunks }) => chunks === t) ?? memory.chunks[0]!;
    return {
      results: {
        macs: countMacs(block),
        macsFormula: formula,
        parameters: countParameters(block) - normParameters(block),
        skip,
        bottleneckMacsPerPixel: macsPerPixel.bottleneck,
        invertedThinMacsPerPixel: macsPerPixel.thinEnds,
        invertedWideMacsPerPixel: macsPerPixel.wideEnds,
        v2ExpandMacs: v2.expand,
        v2DepthwiseMacs: v2.depthwise,
        v2ProjectMacs: v2.project,
        v2Blocks: v2.blocks,
        v2Skips: v2.skips,
        inputAndOutput: inOut,
        naivePeak: naive,
        keptForSkip: skip ? pixels * d : 0,
        chunkedPeak: inOut + (pixels + after) * d,
        channelByChannelPeak: inOut + pixels + after,
        arenaWhole: memory.chunks[0]!.elements,
        arenaChunked: smallerArena.elements,
        chunkedDifference: Math.max(...memory.chunks.map(({ difference }) => difference)),
      },
      tables: [
        {
          title: { en: "Multiply-accumulates at each pixel", fa: "ضرب‌وجمع در هر پیکسل" },
          columns: [
            { en: "block", fa: "بلوک" },
            { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
          ],
          rows: [
            [
              { en: "residual bottleneck 256 → 64 → 256", fa: "گلوگاه باقی‌مانده ۲۵۶ ← ۶۴ ← ۲۵۶" },
              macsPerPixel.bottleneck,
            ],
            [
              { en: "inverted, ends 64, t = 4", fa: "معکوس با دو سر ۶۴ کانالی و t = 4" },
              macsPerPixel.thinEnds,
            ],
            [
              { en: "inverted, ends 256, t = 6", fa: "معکوس با دو سر ۲۵۶ کانالی و t = 6" },
              macsPerPixel.wideEnds,
            ],
          ],
        },
        {
          title: {
            en: "Memory of the block, in numbers held at once",
            fa: "حافظهٔ بلوک، بر حسب تعداد عددهای هم‌زمان",
          },
          columns: [
            { en: "chunks of channels", fa: "تعداد تکه‌های کانال‌ها" },
            { en: "planned arena", fa: "حافظهٔ برنامه‌ریزی‌شده" },
            { en: "least possible", fa: "کمترین ممکن" },
            { en: "largest difference of the output", fa: "بزرگ‌ترین اختلاف خروجی" },
          ],
          rows: memory.chunks.map(({ chunks, elements, least, difference }) => [
            chunks,
            elements,
            least,
            difference,
          ]),
        },
        {
          title: {
            en: "Where MobileNetV2's multiply-accumulates are",
            fa: "ضرب‌وجمع‌های MobileNetV2 کجا هستند",
          },
          columns: [
            { en: "part of the blocks", fa: "بخش بلوک" },
            { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
          ],
          rows: [
            [{ en: "expansion", fa: "گسترش" }, v2.expand],
            [{ en: "depthwise", fa: "عمقی" }, v2.depthwise],
            [{ en: "projection", fa: "تصویر (گلوگاه خطی)" }, v2.project],
          ],
        },
      ],
      series: [
        {
          name: { en: "inverted residual", fa: "باقی‌ماندهٔ معکوس" },
          x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
          y: Array.from({ length: 10 }, (_, i) => perPixel(64, i + 1)),
          xLabel: { en: "expansion factor t (ends of 64 channels)", fa: "ضریب گسترش t (دو سر با ۶۴ کانال)" },
          yLabel: { en: "multiply-accumulates at each pixel", fa: "ضرب‌وجمع در هر پیکسل" },
          unit: "",
          figure: "macs",
        },
        {
          name: { en: "residual bottleneck 256 → 64 → 256", fa: "گلوگاه باقی‌مانده ۲۵۶ ← ۶۴ ← ۲۵۶" },
          x: [1, 10],
          y: [macsPerPixel.bottleneck, macsPerPixel.bottleneck],
          xLabel: { en: "expansion factor t (ends of 64 channels)", fa: "ضریب گسترش t (دو سر با ۶۴ کانال)" },
          yLabel: { en: "multiply-accumulates at each pixel", fa: "ضرب‌وجمع در هر پیکسل" },
          unit: "",
          figure: "macs",
        },
      ],
      symbolic: [
        { label: { en: "stride 1", fa: "گام ۱" }, tex: String.raw`hw \cdot d\,t\,(d + k^2 + d')` },
        {
          label: { en: "stride s", fa: "گام s" },
          tex: String.raw`hw \cdot d \cdot td + \tfrac{h}{s}\tfrac{w}{s}\,(td\,k^2 + td\,d')`,
        },
      ],
      verdict: {
        status: "conditional",
        text: {
          en: `Only because its ends are thin. With ends of 64 channels it takes ${macsPerPixel.thinEnds} multiply-accumulates a pixel against ${macsPerPixel.bottleneck} of the bottleneck; with the bottleneck's own ends of 256 and t = 6 it takes ${macsPerPixel.wideEnds}. Its memory is that of its ends only where it is computed in chunks of channels: ${spell(smallerArena.elements).en} numbers instead of ${spell(memory.chunks[0]!.elements).en} here.`,
          fa: `فقط چون دو سرش باریک است. با دو سر ۶۴کاناله در هر پیکسل ${macsPerPixel.thinEnds.toLocaleString("fa")} ضرب‌وجمع می‌خواهد در برابر ${macsPerPixel.bottleneck.toLocaleString("fa")} برای گلوگاه؛ اما با همان دو سر ۲۵۶کانالهٔ گلوگاه و t = ۶ به ${macsPerPixel.wideEnds.toLocaleString("fa")} می‌رسد. حافظه‌اش هم تنها وقتی به اندازهٔ دو سر است که بلوک تکه‌تکه روی کانال‌ها محاسبه شود: اینجا ${spell(smallerArena.elements).fa} عدد به‌جای ${spell(memory.chunks[0]!.elements).fa}.`,
        },
      },
    };
  },
});

/** ResNet's block: 1x1 to the middle, 3x3, 1x1 back, relu after the sum; at one pixel. */
function bottleneck(wide: number, middle: number): Graph {
  return network({ x: [wide, 1, 1] }, ({ x }) => {
    const narrow = batchNorm(conv2d(x, { out: middle }), { activation: "relu" });
    const y = batchNorm(conv2d(narrow, { out: middle, kernel: 3, padding: 1 }), { activation: "relu" });
    return relu(add(x, batchNorm(conv2d(y, { out: wide }))));
  }).graph;
}

function perPixel(ends: number, expansion: number): number {
  return countMacs(
    network({ x: [ends, 1, 1] }, ({ x }) => invertedResidual(x, { expansion, out: ends, stride: 1 })).graph,
  );
}

/** γ and β: the paper's count of a block's weights leaves them out. */
function normParameters(graph: Graph): number {
  return graph.values
    .filter(({ op, type }) => op === "parameter" && type.shape.length === 1)
    .reduce((sum, { type }) => sum + type.shape[0]!, 0);
}

function ofMobilenetV2() {
  const { graph } = mobilenetV2();
  const rows = layerTable(graph).rows.filter(({ name }) => /^features\.\d+\.conv/.test(name));
  const kindOf = (name: string, op: string): "expand" | "depthwise" | "project" =>
    op.startsWith("depthwise") ? "depthwise" : name.endsWith("conv.0.0") ? "expand" : "project";
  const sum = (kind: string): number =>
    rows.filter(({ name, op }) => kindOf(name, op) === kind).reduce((all, row) => all + row.macs, 0);
  return {
    expand: sum("expand"),
    depthwise: sum("depthwise"),
    project: sum("project"),
    blocks: new Set(rows.map(({ name }) => name.split(".")[1])).size,
    skips: graph.values.filter(({ op }) => op === "add").length,
  };
}

interface BlockShape {
  readonly size: number;
  readonly d: number;
  readonly out: number;
  readonly t: number;
  readonly stride: number;
  readonly seed: number;
}

/** The block without its norms, whole and in chunks of its expanded channels, each chunk projected and added to the sum. */
function memoryOf({ size, d, out, t, stride, seed }: BlockShape) {
  const random = new Random(seed);
  const expanded = t * d;
  const weights = {
    expand: normalTensor(random, [expanded, d, 1, 1], { std: Math.sqrt(2 / d) }),
    depthwise: normalTensor(random, [expanded, 1, 3, 3], { std: Math.sqrt(2 / 9) }),
    project: normalTensor(random, [out, expanded, 1, 1], { std: Math.sqrt(1 / expanded) }),
  };
  // The numbers are compared on a small map; the plan is made for the whole one.
  const small = Math.min(size, 6);
  const image = normalTensor(random, [1, d, small, small]);
  const build = (side: number, chunks: number): Graph => {
    const g = new GraphBuilder();
    const x = g.input("x", [1, d, side, side]);
    const partOf = (chunk: number): Value => {
      const [from, to] = [
        Math.round((chunk * expanded) / chunks),
        Math.round(((chunk + 1) * expanded) / chunks),
      ];
      const expand = g.constant(rowsOf(weights.expand, from, to));
      const depthwise = g.constant(rowsOf(weights.depthwise, from, to));
      const project = g.constant(columnsOf(weights.project, from, to));
      const wide = g.apply(relu6Op, [g.apply(conv2dOp, [x, expand], {})]);
      const geometry = { stride: [stride, stride], padding: [1, 1, 1, 1], groups: to - from } as const;
      const filtered = g.apply(relu6Op, [g.apply(conv2dOp, [wide, depthwise], geometry)]);
      return g.apply(conv2dOp, [filtered, project], {});
    };
    let y = partOf(0);
    for (let chunk = 1; chunk < chunks; chunk++) y = g.apply(addOp, [y, partOf(chunk)]);
    return g.finish({ y });
  };
  const outputOf = (chunks: number): Tensor => interpret(build(small, chunks), { x: image }).outputs["y"]!;
  const whole = outputOf(1);
  const counts = [...new Set([1, 2, t, 2 * t, 4 * t].filter((chunks) => chunks <= expanded))].sort(
    (a, b) => a - b,
  );
  return {
    chunks: counts.map((chunks) => {
      const plan = planGraph(build(size, chunks));
      return {
        chunks,
        elements: plan.arenaBytes / 4,
        least: plan.arenaLowerBound / 4,
        difference: largestDifference(whole.data, outputOf(chunks).data),
      };
    }),
  };
}

function rowsOf({ shape, data }: Tensor, from: number, to: number): Tensor {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return {
    shape: [to - from, ...shape.slice(1)],
    data: Float64Array.from(data.subarray(from * size, to * size)),
  };
}

function columnsOf({ shape, data }: Tensor, from: number, to: number): Tensor {
  const [rows, columns] = shape as [number, number];
  const part = Array.from({ length: rows }, (_, n) =>
    Array.from(data.subarray(n * columns + from, n * columns + to)),
  );
  return { shape: [rows, to - from, 1, 1], data: Float64Array.from(part.flat()) };
}
