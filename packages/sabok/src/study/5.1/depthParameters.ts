// A stack of random blocks as parameters: what chapters 5.1 and 5.3 share.
import { number } from "../parameters.ts";

export const depthParameters = {
  epsilon: number({
    label: { en: "norm ε of every weight matrix", fa: "نُرم ε هر ماتریس وزن" },
    default: 0.5,
    least: 0,
    most: 2,
  }),
  blocks: number({
    label: { en: "blocks of two layers", fa: "تعداد بلوک‌های دولایه" },
    default: 20,
    least: 1,
    most: 50,
    whole: true,
  }),
  width: number({
    label: { en: "units in a layer", fa: "تعداد واحدهای هر لایه" },
    default: 32,
    least: 1,
    most: 64,
    whole: true,
  }),
  seed: number({
    label: { en: "seed", fa: "بذر تصادفی" },
    default: 1,
    least: 0,
    most: 1_000_000,
    whole: true,
  }),
} as const;
