// A pixel of a large image read in a small feature map: the value at any point in the three conventions, as a formula in the
// map's entries and as a number, and along the whole diagonal.
import { SabokError, type Tensor } from "../../core/index.ts";
import { evaluate, resize } from "../../nn/index.ts";
import { featureMap, mapNames, readAt, type Readings } from "../3.1/sampling.ts";
import type { Series, SymbolicRow, Table, Text, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference } from "../draw.ts";
import { choice, number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "3.2",
  title: { en: "A point of a 32x32 image in a 10x10 map", fa: "نقطه‌ای از تصویر ۳۲×۳۲ در نقشهٔ ۱۰×۱۰" },
  question: {
    en: "An image of 32x32 has a feature map of 10x10. What is the map's value at the image point $(y,x)$, and along the diagonal $y=x$?",
    fa: "تصویری ۳۲×۳۲ نقشهٔ ویژگی ۱۰×۱۰ دارد. مقدار نقشه در نقطهٔ $(y,x)$ از تصویر چیست، و روی قطر $y=x$ چه می‌شود؟",
  },
  claim: {
    en: "Divide the coordinates by 3.2 and interpolate: the value is determined.",
    fa: "مختصات را بر ۳٫۲ تقسیم و درون‌یابی کنید: مقدار مشخص است.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    y: number({
      label: { en: "row y of the image point, counted from 0", fa: "سطر y نقطهٔ تصویر، از صفر" },
      default: 20,
      least: 0,
      most: 255,
    }),
    x: number({
      label: { en: "column x of the image point", fa: "ستون x نقطهٔ تصویر" },
      default: 13,
      least: 0,
      most: 255,
    }),
    map: choice({
      label: {
        en: "the map P: 10i + j, (i² + j³) mod 7, or random",
        fa: "نقشهٔ P: مقدار 10i + j، مقدار (i² + j³) mod 7، یا تصادفی",
      },
      choices: mapNames,
      default: "plane",
    }),
    "image-size": number({
      label: { en: "side of the image", fa: "ضلع تصویر" },
      default: 32,
      least: 2,
      most: 256,
      whole: true,
    }),
    "map-size": number({
      label: { en: "side of the map", fa: "ضلع نقشه" },
      default: 10,
      least: 1,
      most: 64,
      whole: true,
    }),
  },
  async run({ y, x, map: name, "image-size": image, "map-size": size }) {
    expectInside("y", y, image);
    expectInside("x", x, image);
    const map = featureMap(name, size);
    const found = await Promise.all(
      conventionsOf(image, size).map((convention) => readIn(convention, map, { y, x, image, size })),
    );
    const [a, b, c] = found as [Found, Found, Found];
    const spread = Math.max(a.value, b.value, c.value) - Math.min(a.value, b.value, c.value);
    return {
      results: {
        ...Object.fromEntries(found.flatMap(namesOf)),
        spread,
        resizeDifference: Math.max(...found.map(({ resizeDifference }) => resizeDifference)),
        shiftOfB: b.u - a.u,
      },
      symbolic: [
        ...found.map(({ convention, formula }): SymbolicRow => ({
          label: labelOf(convention),
          tex: formula,
        })),
        {
          label: {
            en: "on the diagonal, with $i=\\lfloor u\\rfloor$ and $f=u-i$",
            fa: "روی قطر، با $i=\\lfloor u\\rfloor$ و $f=u-i$",
          },
          tex: String.raw`V=(1-f)^2P_{i,i}+f(1-f)(P_{i,i+1}+P_{i+1,i})+f^2P_{i+1,i+1}`,
        },
      ],
      tables: [pointTable(found), gradientTable(found), diagonalTable(found)],
      series: found.map(({ convention, diagonal }): Series => ({
        name: convention.title,
        x: diagonal.map(({ at }) => at),
        y: diagonal.map(({ value }) => value),
        xLabel: { en: "x = y in the image", fa: "x = y در تصویر" },
        yLabel: { en: "value on the diagonal", fa: "مقدار روی قطر" },
        unit: "",
        figure: "diagonal",
      })),
      matrices:
        size <= 16
          ? [
              {
                name: symbol("$P$"),
                rows: Array.from({ length: size }, (_, i) =>
                  Array.from(map.data.subarray(i * size, (i + 1) * size)),
                ),
              },
            ]
          : [],
      verdict: verdictOf(found, spread, name),
    };
  },
});

/** Where an image coordinate lies in the map: u = scale·x + offset, then clamped to the map. */
interface Convention {
  readonly letter: "A" | "B" | "C";
  readonly title: Text;
  readonly tex: string;
  readonly coordinates: "asymmetric" | "halfPixel" | "alignCorners";
  readonly scale: number;
  readonly offset: number;
}

function conventionsOf(image: number, size: number): readonly Convention[] {
  const s = size / image;
  return [
    {
      letter: "A",
      title: { en: "A, corners at 0", fa: "A، گوشه‌ها در صفر" },
      tex: "u=sx",
      coordinates: "asymmetric",
      scale: s,
      offset: 0,
    },
    {
      letter: "B",
      title: { en: "B, pixel centres", fa: "B، مرکز پیکسل‌ها" },
      tex: String.raw`u=s\left(x+\tfrac12\right)-\tfrac12`,
      coordinates: "halfPixel",
      scale: s,
      offset: s / 2 - 0.5,
    },
    {
      letter: "C",
      title: { en: "C, corner on corner", fa: "C، گوشه روی گوشه" },
      tex: String.raw`u=\tfrac{m-1}{n-1}x`,
      coordinates: "alignCorners",
      scale: (size - 1) / (image - 1),
      offset: 0,
    },
  ];
}

const labelOf = ({ title, tex }: Convention): Text => ({
  en: `${title.en}, $${tex}$`,
  fa: `${title.fa}، $${tex}$`,
});

interface DiagonalPoint {
  readonly at: number;
  readonly i: number;
  readonly f: number;
  readonly value: number;
}

interface Found {
  readonly convention: Convention;
  /** Clamped to the map. */
  readonly u: number;
  readonly v: number;
  /** Of P[i,j], P[i,j+1], P[i+1,j], P[i+1,j+1]; 0 where the map has no such entry. */
  readonly weights: readonly number[];
  readonly value: number;
  readonly formula: string;
  /** ∂V/∂v, ∂V/∂u, and the same to the image's y, x. */
  readonly byMapPoint: readonly [number, number];
  readonly byImagePoint: readonly [number, number];
  /** The whole image by the resize operator, against the same points by sampling. */
  readonly resizeDifference: number;
  readonly diagonal: readonly DiagonalPoint[];
  /** Image indices on the diagonal that are clamped. */
  readonly clamped: readonly number[];
}

async function readIn(
  convention: Convention,
  map: Tensor,
  { y, x, image, size }: { y: number; x: number; image: number; size: number },
): Promise<Found> {
  const { scale, offset, coordinates } = convention;
  const place = (at: number): number => scale * at + offset;
  const clamp = (u: number): number => Math.min(Math.max(u, 0), size - 1);
  const [u, v] = [clamp(place(x)), clamp(place(y))];
  const point = await readAt(map, [[x, y]], { scale, offset });
  const whole = await evaluate((map) => resize(map, { size: image, coordinates }), [map]);
  const indices = Array.from({ length: image }, (_, at) => at);
  const everywhere = await readAt(
    map,
    indices.flatMap((row) => indices.map((column) => [column, row] as const)),
    { scale, offset },
  );
  const taps = indices.map((at) => cellOf(clamp(place(at))));
  const [byX, byY] = [point.byU[0]!, point.byV[0]!];
  return {
    convention,
    u,
    v,
    weights: weightsAround(point, u, v, size),
    value: point.values[0]!,
    formula: formulaOf(point, size),
    byMapPoint: [scale === 0 ? 0 : byY / scale, scale === 0 ? 0 : byX / scale],
    byImagePoint: [byY, byX],
    resizeDifference: largestDifference(whole.data, everywhere.values),
    diagonal: indices.map((at) => ({ at, ...taps[at]!, value: whole.data[at * image + at]! })),
    clamped: indices.filter((at) => place(at) < 0 || place(at) > size - 1),
  };
}

/** The cell and the fraction of a position; a position a rounding error below a cell belongs to it. */
function cellOf(u: number): { i: number; f: number } {
  const i = Math.floor(u + 1e-9);
  return { i, f: Math.max(0, u - i) };
}

/** The gradient to the four entries around the point: the weights. */
function weightsAround({ byMap }: Readings, u: number, v: number, size: number): number[] {
  const [{ i: row }, { i: column }] = [cellOf(v), cellOf(u)];
  return [0, 1].flatMap((down) =>
    [0, 1].map((right) =>
      row + down < size && column + right < size ? byMap[(row + down) * size + column + right]! : 0,
    ),
  );
}

/** V as a sum over the map's entries, the weights read off the gradient. */
function formulaOf({ byMap, values }: Readings, size: number): string {
  const terms = byMap.flatMap((weight, at) => {
    if (Math.abs(weight) < 1e-9) return [];
    const entry = `P_{${Math.floor(at / size)},${at % size}}`;
    return [Math.abs(weight - 1) < 1e-9 ? entry : `${Number(weight.toFixed(6))}\\,${entry}`];
  });
  return `V = ${terms.join(" + ")} = ${Number(values[0]!.toFixed(6))}`;
}

function namesOf({ convention: { letter }, ...found }: Found): [string, number | readonly number[]][] {
  return [
    [`v${letter}`, found.v],
    [`u${letter}`, found.u],
    [`weights${letter}`, found.weights],
    [`value${letter}`, found.value],
    [`gradient${letter}`, found.byMapPoint],
    [`imageGradient${letter}`, found.byImagePoint],
    [`diagonal${letter}`, found.diagonal.map(({ value }) => value)],
    [`clamped${letter}`, found.clamped],
  ];
}

function pointTable(found: readonly Found[]): Table {
  return {
    title: { en: "The point in the three conventions", fa: "نقطه در سه قرارداد" },
    columns: [
      { en: "convention", fa: "قرارداد" },
      symbol("v"),
      symbol("u"),
      symbol("P[i,j]"),
      symbol("P[i,j+1]"),
      symbol("P[i+1,j]"),
      symbol("P[i+1,j+1]"),
      { en: "value", fa: "مقدار" },
    ],
    rows: found.map(({ convention, v, u, weights, value }) => [convention.title, v, u, ...weights, value]),
  };
}

function gradientTable(found: readonly Found[]): Table {
  return {
    title: {
      en: "Its gradients to the place in the map and to the point of the image",
      fa: "گرادیان‌های آن نسبت به مکان در نقشه و نسبت به نقطهٔ تصویر",
    },
    columns: [
      { en: "convention", fa: "قرارداد" },
      symbol("∂V/∂v"),
      symbol("∂V/∂u"),
      symbol("∂V/∂y"),
      symbol("∂V/∂x"),
    ],
    rows: found.map(({ convention, byMapPoint, byImagePoint }) => [
      convention.title,
      ...byMapPoint,
      ...byImagePoint,
    ]),
  };
}

function diagonalTable(found: readonly Found[]): Table {
  return {
    title: { en: "The whole diagonal: cell i, fraction f, value", fa: "تمام قطر: خانهٔ i، کسر f، مقدار" },
    columns: [
      symbol("x = y"),
      ...found.flatMap(({ convention: { letter } }) => [
        symbol(`i (${letter})`),
        symbol(`f (${letter})`),
        symbol(`V (${letter})`),
      ]),
    ],
    rows: found[0]!.diagonal.map(({ at }) => [
      at,
      ...found.flatMap(({ diagonal }) => [diagonal[at]!.i, diagonal[at]!.f, diagonal[at]!.value]),
    ]),
  };
}

function expectInside(name: string, value: number, image: number): void {
  if (value > image - 1)
    throw new SabokError(
      `Chapter 3.2, ${name}: got ${value}; expected a number from 0 to ${image - 1}, as the image has a side of ${image}, for example ${Math.floor(image / 2)}.`,
    );
}

function verdictOf(found: readonly Found[], spread: number, map: string): Verdict {
  const [a, b, c] = found.map(({ value }) => spell(value, 6)) as [Spelt, Spelt, Spelt];
  if (spread < 1e-9)
    return {
      status: "conditional",
      text: {
        en: `At this point all three conventions give ${a.en} on the map ${map}: a bad point to test with, for it hides which one a program uses. Elsewhere they differ.`,
        fa: `در این نقطه هر سه قرارداد روی نقشهٔ ${map} مقدار ${a.fa} را می‌دهند: نقطهٔ بدی برای آزمون است، چون پنهان می‌کند که برنامه کدام را به کار می‌برد. در جاهای دیگر با هم فرق دارند.`,
      },
    };
  return {
    status: "conditional",
    text: {
      en: `It depends on where a pixel lies. A gives ${a.en}, B gives ${b.en}, C gives ${c.en}. The division by the stride alone is A. B is A shifted by a constant before clamping; what must never be done is to mix them.`,
      fa: `بستگی دارد که پیکسل کجا قرار گرفته باشد. A مقدار ${a.fa}، B مقدار ${b.fa} و C مقدار ${c.fa} را می‌دهد. تقسیم تنها بر گام همان A است. B پیش از برش همان A با یک جابه‌جایی ثابت است؛ آنچه هرگز نباید کرد آمیختن آن‌هاست.`,
    },
  };
}

type Spelt = ReturnType<typeof spell>;
