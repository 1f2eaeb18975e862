// How large a normalised value can be: √(m − 1), reached by one outlier among equals.
import { Random, tensor } from "../../core/index.ts";
import { evaluate } from "../../nn/index.ts";
import type { Series } from "../chapter.ts";
import { normalTensor } from "../draw.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";

/** The largest |x̂| of a batch of m: of one outlier among equals, which reaches √(m − 1), and of normal numbers. */
export async function outlierBounds(): Promise<Series[]> {
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
