// Factors of any size inside the sentences of verdicts: a power of ten as a formula, everything else as prose writes it.
import { spell } from "../words.ts";

export function spellFactor(value: number): { readonly en: string; readonly fa: string } {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e7)) return spell(value);
  const [mantissa, exponent] = value.toExponential(1).split("e") as [string, string];
  const tex = `$${mantissa}\\times10^{${Number(exponent)}}$`;
  return { en: tex, fa: tex };
}
