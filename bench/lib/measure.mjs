// Fair timing of several runners on one machine: warmed, in turns of about equal length, the order turned each round.

/**
 * @typedef {{ run(times: number): Promise<{ times: number[], cpu?: number }> }} Runner
 *   `run` gives the milliseconds of each run, and the processor time of one, all threads together
 * @typedef {{ median: number, min: number, max: number, quartiles: [number, number], runs: number, cpu?: number }} Spread
 *   cpu: the median of the turns, for machines that are busy with other work
 */

const sorted = (values) => values.toSorted((a, b) => a - b);
const at = (ordered, share) => ordered[Math.round(share * (ordered.length - 1))];

/** @param {number[]} times @param {number[]} [cpu] @returns {Spread} */
export function spreadOf(times, cpu = []) {
  const ordered = sorted(times);
  return {
    median: at(ordered, 0.5),
    min: ordered[0],
    max: ordered.at(-1),
    quartiles: [at(ordered, 0.25), at(ordered, 0.75)],
    runs: ordered.length,
    ...(cpu.length > 0 && { cpu: at(sorted(cpu), 0.5) }),
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * The spread of each runner's times. A runner's turn lasts about `turn` milliseconds; between turns the threads of the
 * one before get time to fall asleep.
 * @param {Runner[]} runners
 * @param {{ rounds: number, turn: number, warm: number }} options  milliseconds
 * @returns {Promise<Map<Runner, Spread>>}
 */
export async function interleave(runners, { rounds, turn, warm }) {
  const runsATurn = new Map();
  for (const runner of runners) {
    const first = (await runner.run(1)).times;
    const begun = performance.now();
    let last = first;
    while (performance.now() - begun < warm && first[0] < 10 * warm) last = (await runner.run(last.at(-1) < warm / 8 ? 4 : 1)).times;
    runsATurn.set(runner, Math.max(1, Math.min(1000, Math.round(turn / last.at(-1)))));
    await pause(30);
  }
  const times = new Map(runners.map((runner) => [runner, []]));
  const cpu = new Map(runners.map((runner) => [runner, []]));
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < runners.length; i++) {
      const runner = runners[(i + round) % runners.length];
      const turn = await runner.run(runsATurn.get(runner));
      times.get(runner).push(...turn.times);
      if (turn.cpu !== undefined) cpu.get(runner).push(turn.cpu);
      await pause(30);
    }
  return new Map([...times].map(([runner, all]) => [runner, spreadOf(all, cpu.get(runner))]));
}

/** The largest |a − b| over the largest |b|; infinite where lengths differ or a number is not finite. */
export function difference(a, b) {
  if (a.length !== b.length || !a.every(Number.isFinite)) return Infinity;
  let [most, scale] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return most / scale;
}
