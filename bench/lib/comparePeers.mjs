// One case over several peers: written once, loaded by each in its own process, outputs compared, then timed in turns.
import { writeCase } from "./caseFolder.mjs";
import { difference, interleave, spreadOf } from "./measure.mjs";
import { askedFor, openPeer } from "./peer.mjs";

/**
 * @param {Parameters<typeof writeCase>[0]} network
 * @param {{ peers: string[], slow?: string[], threads: number[], tolerance: number, settings: import("../main.mjs").Settings }} options
 *   peers: on every number of threads; the first is the one that outputs are compared with
 *   slow: peers that take seconds a run: on one thread, timed alone and by few runs
 * @returns {Promise<object[]>} a row a peer: { peer, version, threads, median, min, max, … } or { peer, threads, absent }
 */
export async function comparePeers(network, { peers, slow = [], threads, tolerance, settings, ...options }) {
  const { folder, remove } = writeCase(network, options);
  const opened = [];
  try {
    const tasks = [
      ...threads.flatMap((count) => askedFor(peers).map((key) => ({ key, threads: count, seconds: 120 }))),
      ...slow.map((key) => ({ key, threads: 1, seconds: 600, slow: true })),
    ];
    // One after the other, so that no peer's first run is disturbed.
    for (const { key, ...task } of tasks) opened.push({ ...(await openPeer(key, { folder, ...task })), ...task });
    const [own] = opened;
    if (own.absent) throw new Error(`${own.label}: ${own.absent}`);
    for (const peer of opened.filter(({ absent }) => !absent)) {
      // A slow peer may give fewer losses.
      const expected = peer.slow ? own.output.slice(0, peer.output.length) : own.output;
      peer.difference = difference(peer.output, expected);
      if (peer.difference > tolerance) peer.absent = `its output differs by ${peer.difference.toExponential(1)}: not timed`;
    }
    const able = opened.filter(({ absent }) => !absent);
    const spreads = await interleave(able.filter((peer) => !peer.slow), settings);
    for (const peer of able.filter((peer) => peer.slow)) {
      const { times, cpu } = await peer.run(settings.slowRuns);
      spreads.set(peer, spreadOf(times, [cpu]));
    }
    return opened.map((peer) => ({
      peer: peer.key,
      label: peer.label,
      threads: peer.threads,
      ...(peer.absent ? { absent: peer.absent } : { version: peer.version, difference: peer.difference, ...spreads.get(peer) }),
    }));
  } finally {
    for (const peer of opened) peer.close?.();
    remove();
  }
}
