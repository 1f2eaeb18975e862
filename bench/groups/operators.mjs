// Single convolutions on one thread in GFLOP/s, beside the machine's peak measured in the same rounds. Both by processor
// time, so that other work on the machine does not count.
import { writeCase } from "../lib/caseFolder.mjs";
import { difference, interleave } from "../lib/measure.mjs";
import { geometryOf, operatorGraph } from "../lib/operatorGraph.mjs";
import { askedFor, openPeer } from "../lib/peer.mjs";

const pointwise = (channels, out, side) => ({ what: "forward", channels, out, side });
const depthwise = (kernel, stride, channels, side) => ({ what: "forward", channels, out: channels, side, kernel, stride, depthwise: true });

/** @type {Record<string, import("../lib/operatorGraph.mjs").Operator>} */
export const operatorsByName = {
  "pointwise 24→144@56": pointwise(24, 144, 56),
  "pointwise 96→24@56": pointwise(96, 24, 56),
  "pointwise 512→512@14": pointwise(512, 512, 14),
  "pointwise 960→160@7": pointwise(960, 160, 7),
  "depthwise 3x3 s1 144@56": depthwise(3, 1, 144, 56),
  "depthwise 3x3 s1 512@14": depthwise(3, 1, 512, 14),
  "depthwise 3x3 s2 144@56": depthwise(3, 2, 144, 56),
  "depthwise 3x3 s2 512@14": depthwise(3, 2, 512, 14),
  "depthwise 5x5 s1 672@14": depthwise(5, 1, 672, 14),
  "3x3 64→64@56": { what: "forward", channels: 64, out: 64, side: 56, kernel: 3 },
  "first 3x3 s2 3→32@224": { what: "forward", channels: 3, out: 32, side: 224, kernel: 3, stride: 2 },
  "weight gradient 512→512@14, batch 32": { ...pointwise(512, 512, 14), what: "weightGradient", batch: 32 },
  "weight gradient 24→144@56, batch 8": { ...pointwise(24, 144, 56), what: "weightGradient", batch: 8 },
  "input gradient 512→512@14, batch 32": { ...pointwise(512, 512, 14), what: "inputGradient", batch: 32 },
  "input gradient 24→144@56, batch 8": { ...pointwise(24, 144, 56), what: "inputGradient", batch: 8 },
  "weight gradient, depthwise 3x3 144@56, batch 8": { ...depthwise(3, 1, 144, 56), what: "weightGradient", batch: 8 },
  "input gradient, depthwise 3x3 144@56, batch 8": { ...depthwise(3, 1, 144, 56), what: "inputGradient", batch: 8 },
};

/** Enough copies for some milliseconds; 2 at least. */
const copiesFor = (macs) => Math.max(2, Math.min(16, Math.round(3e8 / macs))) + 1;

async function measureOperator(operator, settings) {
  const { macs } = geometryOf(operator);
  const copies = copiesFor(macs);
  const isForward = operator.what === "forward";
  const cases = [1, copies].map((count) =>
    writeCase(operatorGraph(operator, count), { kind: "operator", batch: operator.batch ?? 1, onnx: isForward }),
  );
  const keys = askedFor(["sabok", "sabok24", "torch", "torchLast", ...(isForward ? ["tfjs", "ort"] : [])]);
  const opened = [];
  try {
    const pairs = [];
    for (const key of keys) {
      const pair = [];
      for (const { folder } of cases) pair.push(await openPeer(key, { folder }));
      opened.push(...pair);
      pairs.push(pair);
    }
    for (const [one, many] of pairs.slice(1))
      if (!many.absent && difference(many.output, pairs[0][1].output) > 1e-4) one.absent = "its output differs: not timed";
    const able = pairs.filter((pair) => pair.every(({ absent }) => !absent));
    const peaks = [];
    for (const key of askedFor(["peak", "peak24"])) peaks.push(await openPeer(key, {}));
    opened.push(...peaks);
    const spreads = await interleave([...able.flat(), ...peaks], settings);
    const peakOf = (key) => {
      const peak = peaks.find((candidate) => candidate.key === key);
      return peak && peak.output[0] / spreads.get(peak).cpu / 1e6;
    };
    return pairs.map((pair) => {
      const [one, many] = pair;
      const row = { peer: one.key, label: one.label, threads: 1 };
      if (!able.includes(pair)) return { ...row, absent: one.absent ?? many.absent };
      const per = (key) => (spreads.get(many)[key] - spreads.get(one)[key]) / (copies - 1);
      const rate = (milliseconds) => (2 * macs) / milliseconds / 1e6;
      const gflops = rate(per("cpu"));
      const peak = peakOf(one.key === "sabok24" ? "peak24" : "peak");
      return { ...row, version: one.version, copies, macs, gflops, wallGflops: rate(per("median")), peak, share: gflops / peak };
    });
  } finally {
    for (const peer of opened) peer.close?.();
    for (const { remove } of cases) remove();
  }
}

/** @type {import("../main.mjs").Group} */
export const operators = {
  title: "Single convolutions, one thread",
  unit: "GFLOP/s",
  cases: Object.entries(operatorsByName).map(([id, operator]) => ({ id, measure: (settings) => measureOperator(operator, settings) })),
};
