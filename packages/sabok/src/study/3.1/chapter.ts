// Nearest and bilinear reading of a map with their gradients, and RoIPool against RoIAlign under a box that moves.
import { evaluate, resize } from "../../nn/index.ts";
import { tensor } from "../../core/index.ts";
import type { Series, Table, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { choice, number, numberList, text } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import { laws, moved, pooled, reverseModeOf, type Box, type BoxRule } from "./boxes.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { featureMap, mapNames, readAt, type Readings } from "./sampling.ts";

const size = 10;
const image = 32;
const scale = size / image;

export const chapter = defineChapter({
  id: "3.1",
  title: {
    en: "Reading between the entries: bilinear sampling, RoIPool and RoIAlign",
    fa: "خواندن میان درایه‌ها: درون‌یابی دوخطی، RoIPool و RoIAlign",
  },
  question: {
    en: "How does bilinear interpolation read a feature map between its entries, what are its gradients to the map and to the position, and what does it gain RoIAlign over RoIPool?",
    fa: "درون‌یابی دوخطی نقشهٔ ویژگی را میان درایه‌هایش چگونه می‌خواند، گرادیان‌هایش نسبت به نقشه و نسبت به مکان چه هستند، و RoIAlign از آن در برابر RoIPool چه سودی می‌برد؟",
  },
  claim: {
    en: "RoIAlign is differentiable in the map and in the box, RoIPool is not.",
    fa: "RoIAlign نسبت به نقشه و نسبت به جعبه مشتق‌پذیر است و RoIPool نیست.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    map: choice({
      label: {
        en: "the 10x10 map P: 10i + j, (i² + j³) mod 7, or random",
        fa: "نقشهٔ ۱۰×۱۰ یعنی P: مقدار 10i + j، مقدار (i² + j³) mod 7، یا تصادفی",
      },
      choices: mapNames,
      default: "random",
    }),
    u: number({ label: { en: "column position u", fa: "مکان ستونی u" }, default: 4.0625, least: 0, most: 9 }),
    v: number({ label: { en: "row position v", fa: "مکان سطری v" }, default: 6.25, least: 0, most: 9 }),
    box: text({
      label: {
        en: "box x1,y1,x2,y2 in pixels of the 32x32 image",
        fa: "جعبهٔ x1,y1,x2,y2 بر حسب پیکسل تصویر ۳۲×۳۲",
      },
      default: "6,4,22,20",
      example: "6,4,22,20",
    }),
    bins: number({
      label: { en: "bins along each side", fa: "تعداد خانه‌ها در هر ضلع" },
      default: 2,
      least: 1,
      most: 7,
      whole: true,
    }),
    samples: number({
      label: {
        en: "samples along each side of a bin; 0: by the box",
        fa: "تعداد نمونه‌ها در هر ضلع خانه؛ صفر: بنا به جعبه",
      },
      default: 2,
      least: 0,
      most: 8,
      whole: true,
    }),
    aligned: choice({
      label: { en: "shifted by half a cell", fa: "جابه‌جایی به اندازهٔ نیم خانه" },
      choices: ["no", "yes"],
      default: "no",
    }),
    travel: number({
      label: { en: "pixels that the box moves to the right", fa: "تعداد پیکسل‌هایی که جعبه به راست می‌رود" },
      default: 9.6,
      least: 0.1,
      most: 32,
    }),
  },
  async run({ map: name, u, v, box: boxText, bins, samples, aligned, travel }) {
    const map = featureMap(name, size);
    const box = readBox(boxText);
    const rule: BoxRule = {
      outputSize: bins,
      spatialScale: scale,
      samplingRatio: samples,
      aligned: aligned === "yes",
    };
    const point = await onePoint(map, u, v);
    const row = await alongRow(map, v);
    const [one, reverse, law] = [
      await pooled(map, [box], rule),
      await reverseModeOf(map, box, rule),
      await laws(size, box, rule),
    ];
    const trip = await moving(map, box, rule, travel);
    const outside = await pooled(linearMap(), [[-20, -20, 4, 4]], {
      outputSize: 3,
      spatialScale: scale,
      samplingRatio: 2,
      aligned: false,
    });
    const rounding = await nearestRoundings();
    const grid = (values: readonly number[]): number[][] =>
      Array.from({ length: bins }, (_, p) => values.slice(p * bins, (p + 1) * bins));
    return {
      results: {
        ...point.results,
        roiAlign: one.align[0]!,
        roiPool: one.pool[0]!,
        boxGradient: reverse.toBox,
        boxSlope: trip.slope,
        adjointness: reverse.adjointness,
        strideAgainstCell: law.strideAgainstCell,
        constantMapError: law.constant,
        roiAlignLargestStep: trip.alignStep,
        roiPoolLargestStep: trip.poolStep,
        roiPoolLevels: trip.levels,
        outsideBox: outside.align[0]!,
        nearestDisagreements: rounding.disagreements,
        nearestTies: rounding.ties,
      },
      matrices: [
        {
          name: symbol("$P$"),
          rows: Array.from({ length: size }, (_, i) =>
            Array.from(map.data.subarray(i * size, (i + 1) * size)),
          ),
        },
        { name: symbol("RoIAlign"), rows: grid(one.align[0]!) },
        { name: symbol("RoIPool"), rows: grid(one.pool[0]!) },
        {
          name: {
            en: "RoIAlign of a box that hangs over the border, on $i+j$",
            fa: "RoIAlign جعبه‌ای که از لبه بیرون زده، روی $i+j$",
          },
          rows: [0, 3, 6].map((at) => outside.align[0]!.slice(at, at + 3)),
        },
      ],
      tables: [point.table, roundingTable(rounding)],
      series: [...row, ...trip.series],
      symbolic: [
        {
          label: {
            en: "the value, with $i=\\lfloor v\\rfloor$, $j=\\lfloor u\\rfloor$, $a=v-i$, $b=u-j$",
            fa: "مقدار، با $i=\\lfloor v\\rfloor$، $j=\\lfloor u\\rfloor$، $a=v-i$، $b=u-j$",
          },
          tex: String.raw`V=(1-a)(1-b)P_{i,j}+(1-a)b\,P_{i,j+1}+a(1-b)P_{i+1,j}+ab\,P_{i+1,j+1}`,
        },
      ],
      verdict: verdictOf(point.onGridLine, trip),
    };
  },
});

function readBox(value: string): Box {
  const [x1, y1, x2, y2] = numberList(
    { name: "box", value, example: "6,4,22,20" },
    { least: -64, most: 96, shortest: 4, longest: 4 },
  ) as [number, number, number, number];
  return [x1, y1, x2, y2];
}

const linearMap = () =>
  tensor(
    [1, 1, size, size],
    Array.from({ length: size * size }, (_, at) => Math.floor(at / size) + (at % size)),
  );

/** The value at one point, both ways, its weights, and its slopes on either side. */
async function onePoint(map: Parameters<typeof readAt>[0], u: number, v: number) {
  const bilinear = await readAt(map, [[u, v]]);
  const nearest = await readAt(map, [[u, v]], { mode: "nearest" });
  const step = 1e-6;
  const at = async (u: number, v: number): Promise<number> => (await readAt(map, [[u, v]])).values[0]!;
  const here = bilinear.values[0]!;
  const slope = async (du: number, dv: number): Promise<number> =>
    ((await at(u + du, v + dv)) - here) / (du + dv);
  const [left, right, up, down] = [
    await slope(-step, 0),
    await slope(step, 0),
    await slope(0, -step),
    await slope(0, step),
  ];
  const onGridLine = [u, v].some((position) => Math.abs(position - Math.round(position)) < step);
  const taken = (readings: Readings): { place: string; weight: number }[] =>
    readings.byMap.flatMap((weight, cell) =>
      Math.abs(weight) > 1e-12 ? [{ place: `P[${Math.floor(cell / size)},${cell % size}]`, weight }] : [],
    );
  const [taps, nearestTaps] = [taken(bilinear), taken(nearest)];
  const table: Table = {
    title: { en: "The value and its gradients at (v, u)", fa: "مقدار و گرادیان‌هایش در (v, u)" },
    columns: [
      { en: "quantity", fa: "کمیت" },
      { en: "bilinear", fa: "دوخطی" },
      { en: "nearest", fa: "نزدیک‌ترین" },
    ],
    rows: [
      [symbol("V"), here, nearest.values[0]!],
      ...taps.map(({ place, weight }) => [
        symbol(`∂V/∂${place}`),
        weight,
        nearestTaps.find((tap) => tap.place === place)?.weight ?? 0,
      ]),
      [symbol("∂V/∂u"), bilinear.byU[0]!, nearest.byU[0]!],
      [symbol("∂V/∂v"), bilinear.byV[0]!, nearest.byV[0]!],
      [{ en: "∂V/∂u from the left", fa: "∂V/∂u از چپ" }, left, "–"],
      [{ en: "∂V/∂u from the right", fa: "∂V/∂u از راست" }, right, "–"],
      [{ en: "∂V/∂v from above", fa: "∂V/∂v از بالا" }, up, "–"],
      [{ en: "∂V/∂v from below", fa: "∂V/∂v از پایین" }, down, "–"],
    ],
  };
  return {
    onGridLine,
    table,
    results: {
      bilinear: here,
      nearest: nearest.values[0]!,
      weights: taps.map(({ weight }) => weight),
      weightSum: bilinear.byMap.reduce((sum, weight) => sum + weight, 0),
      nearestWeights: nearestTaps.map(({ weight }) => weight),
      gradientU: bilinear.byU[0]!,
      gradientV: bilinear.byV[0]!,
      gradientImageX: bilinear.byU[0]! * scale,
      gradientImageY: bilinear.byV[0]! * scale,
      nearestGradient: [nearest.byU[0]!, nearest.byV[0]!],
      oneSidedU: [left, right],
      oneSidedV: [up, down],
      onGridLine,
    },
  };
}

/** V and ∂V/∂u along the row v, both ways. Grid lines themselves are left out: there the slope is one-sided. */
async function alongRow(map: Parameters<typeof readAt>[0], v: number): Promise<Series[]> {
  const us = Array.from({ length: 180 }, (_, i) => (i + 0.5) / 20);
  const points = us.map((u) => [u, v] as const);
  const bilinear = await readAt(map, points);
  const nearest = await readAt(map, points, { mode: "nearest" });
  const curve = (
    name: Series["name"],
    y: readonly number[],
    yLabel: Series["yLabel"],
    figure: string,
  ): Series => ({ name, x: us, y, xLabel: symbol("u"), yLabel, unit: "", figure });
  const [two, one] = [
    { en: "bilinear", fa: "دوخطی" },
    { en: "nearest", fa: "نزدیک‌ترین" },
  ];
  const [value, slope] = [
    { en: "value V", fa: "مقدار V" },
    { en: "slope ∂V/∂u", fa: "شیب ∂V/∂u" },
  ];
  return [
    curve(two, bilinear.values, value, "row"),
    curve(one, nearest.values, value, "row"),
    curve(two, bilinear.byU, slope, "slope"),
    curve(one, nearest.byU, slope, "slope"),
  ];
}

/** The first bin while the box moves to the right in small steps. */
async function moving(map: Parameters<typeof readAt>[0], box: Box, rule: BoxRule, travel: number) {
  const steps = 256;
  const shifts = Array.from({ length: steps + 1 }, (_, i) => (travel * i) / steps);
  const { align, pool } = await pooled(
    map,
    shifts.map((by) => moved(box, by)),
    rule,
  );
  const first = { align: align.map((bins) => bins[0]!), pool: pool.map((bins) => bins[0]!) };
  const largestStep = (values: readonly number[]): number =>
    Math.max(...values.slice(1).map((value, i) => Math.abs(value - values[i]!)));
  const jumps = first.pool.slice(1).filter((value, i) => value !== first.pool[i]).length;
  const curve = (name: string, y: readonly number[]): Series => ({
    name: symbol(name),
    x: shifts,
    y,
    xLabel: { en: "pixels the box has moved", fa: "جابه‌جایی جعبه بر حسب پیکسل" },
    yLabel: { en: "first bin", fa: "خانهٔ نخست" },
    unit: "",
    figure: "moving",
  });
  return {
    series: [curve("RoIAlign", first.align), curve("RoIPool", first.pool)],
    slope: (first.align[1]! - first.align[0]!) / shifts[1]!,
    alignStep: largestStep(first.align),
    poolStep: largestStep(first.pool),
    levels: jumps + 1,
  };
}

/** Which of 10 pixels each of 32 reads under the two rules called nearest, and where a tie goes in grid sampling. */
async function nearestRoundings() {
  const ramp = tensor(
    [1, 1, 1, size],
    Array.from({ length: size }, (_, j) => j),
  );
  const chosen = async (coordinates: "asymmetric" | "halfPixel"): Promise<number[]> => {
    const y = await evaluate((x) => resize(x, { size: [1, image], mode: "nearest", coordinates }), [ramp]);
    return [...y.data];
  };
  const [floor, exact] = [await chosen("asymmetric"), await chosen("halfPixel")];
  const columns = tensor(
    [1, 1, 8, 8],
    Array.from({ length: 64 }, (_, at) => at % 8),
  );
  const halves = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5];
  const ties = await readAt(
    columns,
    halves.map((u) => [u, 0] as const),
    { mode: "nearest" },
  );
  return {
    floor,
    exact,
    disagreements: floor.flatMap((pixel, x) => (pixel === exact[x] ? [] : [x])),
    halves,
    ties: ties.values,
  };
}

function roundingTable({
  floor,
  exact,
  disagreements,
  halves,
  ties,
}: Awaited<ReturnType<typeof nearestRoundings>>): Table {
  return {
    title: {
      en: "What nearest rounds to: 10 to 32 where the two rules differ, and ties of grid sampling",
      fa: "نزدیک‌ترین به چه گرد می‌شود: از ۱۰ به ۳۲ آنجا که دو قاعده اختلاف دارند، و حالت‌های نیمه در نمونه‌برداری شبکه‌ای",
    },
    columns: [
      { en: "position", fa: "مکان" },
      { en: "floor of x·s", fa: "کف x·s" },
      { en: "floor of (x+½)·s", fa: "کف (x+½)·s" },
      { en: "half to even", fa: "نیمه به زوج" },
    ],
    rows: [
      ...disagreements.map((x) => [symbol(`x = ${x}`), floor[x]!, exact[x]!, "–"]),
      ...halves.map((u, i) => [symbol(`u = ${u}`), "–", "–", ties[i]!]),
    ],
  };
}

function verdictOf(
  onGridLine: boolean,
  trip: { levels: number; slope: number; alignStep: number; poolStep: number },
): Verdict {
  const [levels, slope, align, pool] = [
    spell(trip.levels),
    spell(trip.slope),
    spell(trip.alignStep),
    spell(trip.poolStep),
  ];
  const kink = onGridLine
    ? {
        en: " The chosen point lies on a grid line: left and right slopes differ there, and the library gives one of them.",
        fa: " نقطهٔ برگزیده روی خط شبکه است: در آنجا شیب چپ و راست با هم فرق دارند و کتابخانه یکی از آن‌ها را می‌دهد.",
      }
    : { en: "", fa: "" };
  return {
    status: "conditional",
    text: {
      en:
        `In the map both have a gradient: RoIAlign spreads it by the bilinear weights, RoIPool sends it to the maxima. In the box RoIAlign is continuous (largest step ${align.en}, against ${pool.en} of RoIPool, which takes ${levels.en} levels on the way), ` +
        `with kinks where a sample crosses a grid line. But the operator as it is used passes the box no gradient: reverse mode gives zero although the bin's slope is ${slope.en} a pixel.${kink.en}`,
      fa:
        `نسبت به نقشه هر دو گرادیان دارند: RoIAlign آن را با وزن‌های دوخطی پخش می‌کند و RoIPool آن را به بیشینه‌ها می‌فرستد. نسبت به جعبه RoIAlign پیوسته است (بزرگ‌ترین پرش ${align.fa}، در برابر ${pool.fa} برای RoIPool که در راه ${levels.fa} پله دارد)، ` +
        `با شکستگی در جاهایی که نمونه‌ای از خط شبکه می‌گذرد. ولی خود عملگر، به صورتی که به کار می‌رود، به جعبه گرادیانی نمی‌دهد: مشتق‌گیری خودکار معکوس صفر می‌دهد، هرچند شیب خانه ${slope.fa} بر پیکسل است.${kink.fa}`,
    },
  };
}
