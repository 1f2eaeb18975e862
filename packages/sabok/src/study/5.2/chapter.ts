// The same two layers with a skip, inside and outside the last activation: three Jacobians at one point.
import { tensor, singularValueDecomposition } from "../../core/index.ts";
import { blockParameters, readBlock } from "../5.1/blockParameters.ts";
import {
  blockJacobian,
  skips,
  slopesAt,
  type ActivationName,
  type PointAndWeights,
  type Skip,
} from "../5.1/blocks.ts";
import { jacobianByFormula } from "../5.1/jacobianFormula.ts";
import { rowsOf } from "../4.1/convolution1d.ts";
import type { Series, Text, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference } from "../draw.ts";
import { number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "5.2",
  title: { en: "The Jacobian with a skip connection", fa: "ماتریس ژاکوبی با اتصال میان‌بر" },
  question: {
    en: "What does $\\partial a^{l+2}/\\partial a^{l}$ become when $a^{l}$ is added again, before the last activation or after it?",
    fa: "اگر $a^{l}$ دوباره افزوده شود، پیش از آخرین تابع فعال‌سازی یا پس از آن، $\\partial a^{l+2}/\\partial a^{l}$ چه می‌شود؟",
  },
  claim: {
    en: "A skip adds the identity to the Jacobian.",
    fa: "اتصال میان‌بر ماتریس همانی را به ژاکوبی می‌افزاید.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    ...blockParameters,
    stretch: number({
      label: { en: "the figure goes up to this multiple of a", fa: "نمودار تا این مضرب از a پیش می‌رود" },
      default: 8,
      least: 0.1,
      most: 1000,
    }),
  },
  async run({ activation, stretch, ...values }) {
    const point = readBlock(values);
    const n = point.a.data.length;
    const slopes = await slopesAt(point, activation);
    const forms = await Promise.all(
      skips.map(async (skip) => {
        const { jacobian } = await blockJacobian(point, activation, skip);
        const difference = largestDifference(
          (await jacobianByFormula(point, slopes, skip)).data,
          jacobian.data,
        );
        return { skip, jacobian, difference, singularValues: singularValueDecomposition(jacobian).values };
      }),
    );
    const [none, inside, outside] = forms as [Form, Form, Form];
    const wrongPlace = largestDifference(
      (await jacobianByFormula(point, slopes, "inside", slopes.last)).data,
      inside.jacobian.data,
    );
    const cancelled = await cancellingBlock();
    const least = (form: Form): number => form.singularValues.at(-1)!;
    return {
      results: {
        singularValuesNone: none.singularValues,
        singularValuesInside: inside.singularValues,
        singularValuesOutside: outside.singularValues,
        firstRowNone: Array.from(none.jacobian.data.subarray(0, n)),
        firstRowInside: Array.from(inside.jacobian.data.subarray(0, n)),
        firstRowOutside: Array.from(outside.jacobian.data.subarray(0, n)),
        formulaDifference: Math.max(none.difference, inside.difference, outside.difference),
        slopesWithoutSkip: slopes.last,
        slopesWithSkip: slopes.lastWithSkip,
        slopesAtWrongPlace: wrongPlace,
        cancelledDerivative: cancelled,
      },
      matrices: forms.map(({ skip, jacobian }) => ({ name: skipTitles[skip], rows: rowsOf(jacobian) })),
      tables: [
        {
          title: { en: "The three forms at this point", fa: "سه شکل در همین نقطه" },
          columns: [
            { en: "skip", fa: "اتصال میان‌بر" },
            { en: "largest singular value", fa: "بزرگ‌ترین مقدار تکین" },
            { en: "smallest singular value", fa: "کوچک‌ترین مقدار تکین" },
            { en: "formula against reverse mode", fa: "فرمول در برابر مشتق‌گیری خودکار معکوس" },
          ],
          rows: forms.map(({ skip, singularValues, difference }) => [
            skipTitles[skip],
            singularValues[0]!,
            singularValues.at(-1)!,
            difference,
          ]),
        },
        {
          title: {
            en: "Slopes of the last activation, with and without what the skip adds to its argument",
            fa: "شیب‌های آخرین تابع فعال‌سازی، با و بدون آنچه میان‌بر به آرگومانش می‌افزاید",
          },
          columns: [{ en: "at", fa: "در" }, ...slopes.last.map((_, i) => spell(i + 1))],
          rows: [
            [symbol("z"), ...slopes.last],
            [symbol("z + a"), ...slopes.lastWithSkip],
          ],
        },
      ],
      series: await stretched(point, activation, stretch),
      symbolic: [
        {
          label: skipTitles.inside,
          tex: String.raw`\frac{\partial a^{l+2}}{\partial a^{l}}=D_s^{l+2}\big(I+W^{l+2}D^{l+1}W^{l+1}\big),\qquad D_s^{l+2}=\operatorname{diag}\big(g'(z^{l+2}+a^{l})\big)`,
        },
        {
          label: skipTitles.outside,
          tex: String.raw`\frac{\partial a^{l+2}}{\partial a^{l}}=I+D^{l+2}W^{l+2}D^{l+1}W^{l+1}`,
        },
      ],
      verdict: verdictOf({ none: least(none), inside: least(inside), outside: least(outside), wrongPlace }),
    };
  },
});

interface Form {
  readonly skip: Skip;
  readonly jacobian: Awaited<ReturnType<typeof blockJacobian>>["jacobian"];
  readonly difference: number;
  readonly singularValues: readonly number[];
}

const skipTitles: Readonly<Record<Skip, Text>> = {
  none: { en: "no skip", fa: "بدون میان‌بر" },
  inside: { en: "skip inside the activation", fa: "میان‌بر درون تابع فعال‌سازی" },
  outside: { en: "skip outside the activation", fa: "میان‌بر بیرون تابع فعال‌سازی" },
};

/** One linear unit with w¹ = 1 and w² = −1 and a skip: its derivative is 1 + w²w¹ = 0. */
async function cancellingBlock(): Promise<number> {
  const one = (value: number) => tensor([1, 1], [value]);
  const zero = tensor([1], [0]);
  const { jacobian } = await blockJacobian(
    { a: tensor([1], [0.7]), w1: one(1), w2: one(-1), b1: zero, b2: zero },
    "none",
    "outside",
  );
  return jacobian.data[0]!;
}

/** The largest singular value of each form as the input grows and the activations saturate. */
async function stretched(
  point: PointAndWeights,
  activation: ActivationName,
  stretch: number,
): Promise<Series[]> {
  const factors = Array.from({ length: 33 }, (_, i) => (stretch * i) / 32);
  return Promise.all(
    skips.map(async (skip): Promise<Series> => {
      const largest: number[] = [];
      for (const factor of factors) {
        const a = tensor(
          point.a.shape,
          point.a.data.map((value) => factor * value),
        );
        const { jacobian } = await blockJacobian({ ...point, a }, activation, skip);
        largest.push(singularValueDecomposition(jacobian).values[0]!);
      }
      return {
        name: skipTitles[skip],
        x: factors,
        y: largest,
        xLabel: { en: "multiple of the input a", fa: "مضرب ورودی a" },
        yLabel: { en: "largest singular value", fa: "بزرگ‌ترین مقدار تکین" },
        unit: "",
        figure: "saturation",
      };
    }),
  );
}

function verdictOf(found: { none: number; inside: number; outside: number; wrongPlace: number }): Verdict {
  const [none, inside, outside, wrong] = [
    spell(found.none),
    spell(found.inside),
    spell(found.outside),
    spell(found.wrongPlace),
  ];
  return {
    status: "conditional",
    text: {
      en:
        `Outside the activation it does: $I+\\dots$. In the usual figure the skip enters before the last activation, and the whole bracket is multiplied by $D_s$: what is added is $D_s$, not $I$, and its slopes are ` +
        `those at $z+a$ (taken at $z$ the Jacobian would be off by ${wrong.en} here). The smallest singular value is ${none.en} without, ${inside.en} with the skip inside and ${outside.en} with it outside. ` +
        `Nor is the identity a lower bound: $w^1=1$, $w^2=-1$ gives $1+w^2w^1=0$.`,
      fa:
        `بیرون تابع فعال‌سازی درست است: $I+\\dots$. اما در شکل معمول، میان‌بر پیش از آخرین تابع فعال‌سازی وارد می‌شود و کل پرانتز در $D_s$ ضرب می‌شود: آنچه افزوده می‌شود $D_s$ است نه $I$، و شیب‌هایش ` +
        `در $z+a$ هستند (اگر در $z$ گرفته شوند ژاکوبی در اینجا ${wrong.fa} خطا دارد). کوچک‌ترین مقدار تکین بدون میان‌بر ${none.fa}، با میان‌بر درونی ${inside.fa} و با میان‌بر بیرونی ${outside.fa} است. ` +
        `همانی کران پایین هم نیست: $w^1=1$ و $w^2=-1$ می‌دهد $1+w^2w^1=0$.`,
    },
  };
}
