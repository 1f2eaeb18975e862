// Parallel channels with normal noise: their information, and the best division of a total power among them.
/** ½·Σ ln(1 + power/noise). */
export function channelInformation(powers: readonly number[], noises: readonly number[]): number {
  return powers.reduce((sum, power, c) => sum + 0.5 * Math.log1p(power / noises[c]!), 0);
}

/** The best division of a total power: each channel is filled up to one level. */
export function waterFilling(total: number, noises: readonly number[]) {
  let [low, high] = [0, total + Math.max(...noises)];
  const spent = (level: number): number => noises.reduce((sum, noise) => sum + Math.max(0, level - noise), 0);
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (spent(middle) > total) high = middle;
    else low = middle;
  }
  const powers = noises.map((noise) => Math.max(0, low - noise));
  return {
    level: low,
    powers,
    information: channelInformation(powers, noises),
    uniform: channelInformation(
      noises.map(() => total / noises.length),
      noises,
    ),
  };
}
