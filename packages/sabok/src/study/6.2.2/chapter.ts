// Whether a depthwise convolution keeps spatial information and a linear bottleneck channel information: which directions each
// of them loses, on operators of the library as matrices, on random layers and on trained ones.
import {
  Random,
  SabokError,
  tensor,
  type Tensor,
  rankOf,
  singularValueDecomposition,
} from "../../core/index.ts";
import { concat, conv2d, evaluate, linear, relu, reshape, slice } from "../../nn/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { trainedMember } from "../mobileFamily.ts";
import { choice, number, numberList, text } from "../parameters.ts";
import { fairTail } from "../probability.ts";
import { spell, spellShare, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.2.2",
  title: { en: "What a block keeps of its input", fa: "بلوک چه چیزی از ورودی را نگه می‌دارد" },
  question: {
    en: "Does the depthwise convolution keep the spatial information and the linear bottleneck the information of the channels?",
    fa: "آیا کانولوشن عمقی اطلاعات مکانی را و گلوگاه خطی اطلاعات کانال‌ها را حفظ می‌کند؟",
  },
  claim: {
    en: "Depthwise convolutions preserve spatial information, linear bottlenecks preserve channel information.",
    fa: "کانولوشن عمقی اطلاعات مکانی را حفظ می‌کند و گلوگاه خطی اطلاعات کانال‌ها را.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    kernel: text({
      label: { en: "kernel of one row", fa: "هستهٔ یک سطر" },
      default: "1,1,1",
      example: "1,2,1",
    }),
    length: number({
      label: { en: "length of the signal", fa: "طول سیگنال" },
      default: 9,
      least: 1,
      most: 64,
      whole: true,
    }),
    border: choice({
      label: { en: "beyond the border", fa: "بیرون از مرز" },
      choices: ["circular", "zeros"],
      default: "circular",
    }),
    stride: number({ label: { en: "stride", fa: "گام" }, default: 1, least: 1, most: 4, whole: true }),
    channels: number({
      label: { en: "channels n", fa: "کانال‌ها n" },
      default: 4,
      least: 1,
      most: 32,
      whole: true,
    }),
    trials: number({
      label: { en: "random expansions", fa: "گسترش‌های تصادفی" },
      default: 2000,
      least: 100,
      most: 10000,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ kernel, length, border, stride, channels, trials, seed }, context) {
    const taps = numberList(
      { name: "kernel", value: kernel, example: "1,2,1" },
      { least: -1000, most: 1000, longest: 15 },
    );
    if (border === "circular" && taps.length > length)
      throw new SabokError(
        `Chapter 6.2.2, kernel: ${taps.length} taps are more than the ring of length ${length}; give a length from ${taps.length} to 64, for example 9.`,
      );
    const random = new Random(seed);
    const matrix = await filterMatrix(taps, length, border, stride);
    const { values } = singularValueDecomposition(matrix);
    // Rounding leaves some 1e-16 of a value that is 0.
    const least = values.at(-1)!;
    const smallest = matrix.shape[0]! < length || least < 1e-12 * values[0]! ? 0 : least;
    const rank = rankOf(matrix);

    const rings = Array.from({ length: 22 }, (_, i) => i + 3).filter((n) => n >= taps.length);
    const smallestOn = async (kind: "circular" | "zeros") => {
      const found: number[] = [];
      for (const n of rings)
        found.push(singularValueDecomposition(await filterMatrix(taps, n, kind, 1)).values.at(-1)!);
      return found;
    };
    const [onRings, onSegments] = [await smallestOn("circular"), await smallestOn("zeros")];

    const bottleneck = await bottleneckLoss(random, channels);
    const expansions = [1, 2, 3, 4, 6];
    const measured: number[] = [];
    for (const [i, t] of expansions.entries()) {
      context.signal?.throwIfAborted();
      context.onProgress?.(i / (expansions.length + 1), `expansions, t = ${t}`);
      measured.push(await invertibleShare(random, channels, t * channels, trials));
    }
    const exact = expansions.map((t) => fairTail(t * channels, channels));
    const plane = [2, 3, 5, 15];
    const planeMeasured: number[] = [];
    for (const m of plane) planeMeasured.push(await invertibleShare(random, 2, m, trials));
    const trained = await trainedLayers(context);

    const shared = {
      xLabel: { en: "expansion factor t", fa: "ضریب گسترش t" },
      yLabel: {
        en: "probability that relu loses nothing locally",
        fa: "احتمال اینکه یکسوساز به‌طور موضعی چیزی از دست ندهد",
      },
      unit: "",
      figure: "relu",
    };
    const lost = spell(smallest);
    return {
      results: {
        smallestSingularValue: smallest,
        filterRank: rank,
        lostDimensions: length - rank,
        invertible: rank === length,
        bottleneckKernel: bottleneck.kernel,
        bottleneckDifference: bottleneck.difference,
        reluExact: exact,
        reluMeasured: measured,
        planeExact: plane.map((m) => 1 - (1 + m) / 2 ** m),
        planeMeasured,
        leastUnitsForInjectivity: 2 * channels,
        ...trained?.results,
      },
      matrices:
        length <= 12
          ? [
              {
                name: { en: "the depthwise filter as a matrix", fa: "فیلتر عمقی به‌صورت ماتریس" },
                rows: rowsOf(matrix),
              },
            ]
          : [],
      series: [
        { name: { en: "ring", fa: "حلقه" }, x: rings, y: onRings, ...smallestAxes },
        { name: { en: "zeros outside", fa: "صفر در بیرون" }, x: rings, y: onSegments, ...smallestAxes },
        { name: { en: "exact", fa: "دقیق" }, x: expansions, y: exact, ...shared },
        { name: { en: "measured", fa: "اندازه‌گیری" }, x: expansions, y: measured, ...shared },
      ],
      tables: [
        {
          title: {
            en: "Relu after an expansion of n to tn channels",
            fa: "یکسوساز پس از گسترش n به tn کانال",
          },
          columns: [symbol("t"), symbol("P(Bin(tn, ½) ≥ n)"), { en: "measured", fa: "اندازه‌گیری" }],
          rows: expansions.map((t, i) => [t, exact[i]!, measured[i]!]),
        },
        {
          title: {
            en: "A plane in m dimensions, as in MobileNetV2's figure",
            fa: "یک صفحه در m بُعد، مانند شکل مقالهٔ MobileNetV2",
          },
          columns: [symbol("m"), symbol("1 − (1 + m)/2^m"), { en: "measured", fa: "اندازه‌گیری" }],
          rows: plane.map((m, i) => [m, 1 - (1 + m) / 2 ** m, planeMeasured[i]!]),
        },
        ...(trained ? [trained.table] : []),
      ],
      symbolic: [
        {
          label: { en: "transfer function of the box", fa: "تابع انتقال فیلتر جعبه‌ای" },
          tex: String.raw`H(\omega) = 1 + 2\cos\omega = 0 \iff \omega = \tfrac{2\pi}{3}`,
        },
        {
          label: { en: "what a projection forgets", fa: "آنچه تصویر فراموش می‌کند" },
          tex: String.raw`\dim\ker W_{d' \times td} \ge td - d'`,
        },
        {
          label: { en: "relu after an expansion", fa: "یکسوساز پس از گسترش" },
          tex: String.raw`P(n,t) = P\bigl(\mathrm{Bin}(tn, \tfrac12) \ge n\bigr)`,
        },
      ],
      verdict: {
        status: "false",
        text: {
          en: `A depthwise filter never mixes channels, but it is invertible only where its transfer function has no zero (least singular value ${lost.en} here) and stride 1; a linear bottleneck forgets at least ${bottleneck.kernel} of ${6 * channels} directions. True is only that leaving out the relu avoids a further loss, which in ${channels} dimensions would strike ${spellShare(1 - exact[0]!).en} of inputs without expansion.`,
          fa: `فیلتر عمقی کانال‌ها را در هم نمی‌آمیزد، اما فقط وقتی وارون‌پذیر است که تابع انتقالش صفر نداشته باشد (کوچک‌ترین مقدار تکین اینجا ${lost.fa}) و گام ۱ باشد؛ گلوگاه خطی هم دست‌کم ${bottleneck.kernel.toLocaleString("fa")} راستا از ${(6 * channels).toLocaleString("fa")} راستا را فراموش می‌کند. تنها این درست است که حذف یکسوساز از افت بیشتر جلوگیری می‌کند؛ افتی که بدون گسترش در ${channels.toLocaleString("fa")} بُعد برای ${spellShare(1 - exact[0]!).fa} ورودی‌ها رخ می‌دهد.`,
        },
      },
    };
  },
});

const smallestAxes = {
  xLabel: { en: "length of the signal", fa: "طول سیگنال" },
  yLabel: { en: "least singular value", fa: "کوچک‌ترین مقدار تکین" },
  unit: "",
  figure: "transfer",
};

/** A depthwise convolution of one channel as a matrix: its outputs for every unit signal. */
async function filterMatrix(
  taps: readonly number[],
  length: number,
  border: "circular" | "zeros",
  stride: number,
): Promise<Tensor> {
  const before = taps.length >> 1;
  const after = taps.length - 1 - before;
  const units = tensor(
    [length, 1, 1, length],
    Float64Array.from({ length: length ** 2 }, (_, at) => (at % (length + 1) === 0 ? 1 : 0)),
  );
  const kernel = tensor([1, 1, 1, taps.length], taps);
  const padding = border === "zeros" ? ([0, before, 0, after] as const) : 0;
  const columns = await evaluate(
    (x, w) => {
      const part = (start: number, size: number) =>
        slice(x, { starts: [0, 0, 0, start], sizes: [length, 1, 1, size] });
      const ends = [
        ...(before > 0 ? [part(length - before, before)] : []),
        x,
        ...(after > 0 ? [part(0, after)] : []),
      ];
      const ring = border === "circular" && ends.length > 1 ? concat(ends, { axis: 3 }) : x;
      return conv2d(ring, w, { padding, stride: [1, stride] });
    },
    [units, kernel],
  );
  const outputs = columns.shape[3]!;
  return tensor(
    [outputs, length],
    Float64Array.from(
      { length: outputs * length },
      (_, at) => columns.data[(at % length) * outputs + Math.floor(at / length)]!,
    ),
  );
}

/** A random projection of 6n channels to n, and an input moved along its kernel: the output cannot tell. */
async function bottleneckLoss(
  random: Random,
  channels: number,
): Promise<{ kernel: number; difference: number }> {
  const wide = 6 * channels;
  const weight = normalTensor(random, [channels, wide], { std: 1 / Math.sqrt(wide) });
  const { v, values } = singularValueDecomposition(weight);
  const x = normalTensor(random, [1, wide]);
  // x less what the rows of the weight see of it.
  const hidden = Float64Array.from(x.data);
  for (let r = 0; r < values.length; r++) {
    let share = 0;
    for (let i = 0; i < wide; i++) share += v.data[i * values.length + r]! * x.data[i]!;
    for (let i = 0; i < wide; i++) hidden[i]! -= share * v.data[i * values.length + r]!;
  }
  const moved = tensor(
    [1, wide],
    Float64Array.from(x.data, (value, i) => value + 10 * hidden[i]!),
  );
  const [y, yMoved] = await Promise.all(
    [x, moved].map((input) => evaluate((x, w) => linear(x, w), [input, weight])),
  );
  return { kernel: wide - rankOf(weight), difference: largestDifference(y!.data, yMoved!.data) };
}

/** How often at least n of m random units of relu(Bx) are active: then x can be solved for, and else not. */
async function invertibleShare(random: Random, n: number, m: number, trials: number): Promise<number> {
  const atOnce = Math.max(1, Math.min(trials, Math.floor(2e5 / (n * m))));
  let [invertible, done] = [0, 0];
  while (done < trials) {
    const count = Math.min(atOnce, trials - done);
    const y = await evaluate(
      (x, b) => reshape(relu(linear(x, b)), [count, m]),
      [normalTensor(random, [1, n]), normalTensor(random, [count * m, n])],
    );
    for (let i = 0; i < count; i++) {
      const active = y.data.subarray(i * m, (i + 1) * m).filter((value) => value > 0).length;
      if (active >= n) invertible++;
    }
    done += count;
  }
  return invertible / trials;
}

/** The depthwise filters and projections of the trained network with t = 6, as maps of 7x7 and of channels. */
async function trainedLayers(context: ChapterContext) {
  const member = await trainedMember(context, "t6");
  if (!member) return undefined;
  const filters = member.states.get("blocks.1.depthwise.0.weight")!;
  const side = 7;
  const count = 24;
  const conditions: number[] = [];
  const units = tensor(
    [side ** 2, 1, side, side],
    Float64Array.from({ length: side ** 4 }, (_, at) => (at % (side ** 2 + 1) === 0 ? 1 : 0)),
  );
  for (let channel = 0; channel < count; channel++) {
    const w = tensor([1, 1, 3, 3], Float64Array.from(filters.data.subarray(channel * 9, (channel + 1) * 9)));
    const map = await evaluate((x, w) => conv2d(x, w, { padding: 1 }), [units, w]);
    const { values } = singularValueDecomposition(tensor([side ** 2, side ** 2], map.data));
    conditions.push(values[0]! / Math.max(values.at(-1)!, Number.MIN_VALUE));
  }
  conditions.sort((a, b) => a - b);
  const projection = member.states.get("blocks.1.project.0.weight")!;
  const [out, wide] = projection.shape as [number, number];
  const rank = rankOf(tensor([out, wide], Float64Array.from(projection.data)), 1e-6);
  const median = conditions[count >> 1]!;
  return {
    results: {
      trainedConditionMedian: median,
      trainedConditionLargest: conditions.at(-1)!,
      trainedProjectionKernel: wide - rank,
    },
    table: {
      title: { en: "The second block of the trained network, t = 6", fa: "بلوک دوم شبکهٔ آموزش‌دیده با t = 6" },
      columns: [
        { en: "quantity", fa: "کمیت" },
        { en: "value", fa: "مقدار" },
      ],
      rows: [
        [
          {
            en: "median condition of its depthwise filters on 7x7",
            fa: "میانهٔ عدد حالت فیلترهای عمقی روی ۷×۷",
          },
          median,
        ],
        [{ en: "largest condition", fa: "بزرگ‌ترین عدد حالت" }, conditions.at(-1)!],
        [{ en: "expanded channels", fa: "کانال‌های گسترش‌یافته" }, wide],
        [
          { en: "directions that the projection forgets", fa: "راستاهایی که تصویر فراموش می‌کند" },
          wide - rank,
        ],
      ],
    },
  };
}

function rowsOf({ shape, data }: Tensor): number[][] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}
