// What chapter 1.1 shows of its statistics: what is averaged, each channel's numbers, the errors of folding, and the values themselves.
import type { Tensor } from "../../core/index.ts";
import type { Matrix, Table, Text } from "../chapter.ts";
import type { FoldingErrors } from "./foldingErrors.ts";

export function countsTable(batch: number, channels: number, size: number): Table {
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

export function statisticsTable(
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

export function foldingTable({ intoConvolution, interior, border }: FoldingErrors): Table {
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
          fa: "BN ← کانولوشن با لایه‌گذاری صفر، که با وجود این ادغام شده: درون نقشه",
        },
        interior,
      ],
      [{ en: "the same: border", fa: "همان: لبهٔ نقشه" }, border],
    ],
  };
}

/** The first sample's first channel, or the whole of a dense layer's batch, up to 8x8. */
export function matricesOf(x: Tensor, output: Tensor, inferred: Tensor, gradient: Tensor): Matrix[] {
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
