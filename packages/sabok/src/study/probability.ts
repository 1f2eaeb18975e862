// Exact probabilities of fair coins: which units of a rectified layer are active.

/** P(Bin(n, ½) = k) for k = 0 … n. */
export function fairBinomial(n: number): number[] {
  // From the middle outwards, so that no factor underflows before it is needed.
  const logs = [0];
  for (let k = 1; k <= n; k++) logs.push(logs[k - 1]! + Math.log((n - k + 1) / k));
  return logs.map((log) => Math.exp(log - n * Math.LN2));
}

/** P(Bin(n, ½) ≥ least). */
export function fairTail(n: number, least: number): number {
  return fairBinomial(n)
    .slice(Math.max(0, least))
    .reduce((a, b) => a + b, 0);
}
