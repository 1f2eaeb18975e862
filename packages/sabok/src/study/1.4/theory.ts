// The closed forms the measurements stand beside.

/** Var μ_B·σ⁻² of N rows of W pixels whose correlation at distance k is ρ^k: (1/NW)(1 + 2Σ(1 − k/W)ρ^k). */
export function correlatedMeanVariance(rows: number, width: number, rho: number): number {
  let sum = 1;
  for (let k = 1; k < width; k++) sum += 2 * (1 - k / width) * rho ** k;
  return sum / (rows * width);
}

/** E σ_B of m standard normal numbers: √(2/m)·Γ(m/2)/Γ((m−1)/2), the best γ when the target is the number itself. */
export function bestScale(m: number): number {
  return Math.sqrt(2 / m) * Math.exp(logGamma(m / 2) - logGamma((m - 1) / 2));
}

/** ln Γ by Lanczos's series (g = 7, nine terms), good to 15 digits for positive x. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const series = coefficients.reduce((sum, c, i) => sum + c / (x + i), 0.99999999999980993);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}
