// sabok bench: how long whole runs of a network take on this machine, and a trace of one.
import { profile, type Profile } from "sabok";
import { writeFileWhole } from "sabok/node";
import { defineCommand, numberOption } from "../command.ts";
import { formatTable } from "../table.ts";
import { formatMilliseconds } from "../explainView.ts";
import { describeWorkload, openWorkload, readWorkload, workloadArgs, type Workload } from "../workload.ts";

/** What is timed when no model is named. */
const usual = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "resnet18"];

/** Runs are timed for this many seconds, but this many at least. */
const budget = { seconds: 2, runs: 10 };

export const benchCommand = defineCommand({
  name: "bench",
  summary: "time a network on this machine",
  description:
    "Times whole runs of a network after warm-up, feeding and reading included: the shortest, the median and the longest. Without a model it times " +
    `${usual.join(", ")}, as published.`,
  args: {
    model: {
      type: "positional",
      required: false,
      valueHint: "model",
      description:
        "A model's name (sabok models), blocks in timm's notation, a run's folder, or an .onnx file",
    },
    ...workloadArgs,
    runs: {
      type: "string",
      valueHint: "n",
      description: `Runs to time; ${budget.seconds} seconds if not given`,
    },
    trace: {
      type: "string",
      valueHint: "file",
      description: "Write the median run, step by step, as Chrome trace events: open it in ui.perfetto.dev",
    },
  },
  examples: [
    ["sabok bench", "The usual models, one image, one thread"],
    ["sabok bench mobilenet_v2 --batch 8 --threads 2", "Eight images a run on two threads"],
    ["sabok bench mobilenet_v3_small --train --size 96 --trace step.json", "A training step, and its trace"],
  ],
  async run(given, terminal) {
    const options = readWorkload(given);
    const runs = numberOption("--runs", given.runs, { least: 1, whole: true });
    const rows: string[][] = [];
    const traced: { workload: Workload; measured: Profile }[] = [];
    for (const model of given.model === undefined ? usual : [given.model]) {
      terminal.progress(() => `${model} …`);
      const workload = await openWorkload(model, options, terminal);
      const { session, batch, threads } = workload;
      try {
        const times = await timeRuns(workload, runs);
        const [min, median, max] = [times[0]!, times[(times.length - 1) >> 1]!, times.at(-1)!];
        const imagesPerSecond = (1000 * batch) / median;
        const result = { runs: times.length, milliseconds: { min, median, max }, imagesPerSecond };
        terminal.document({ type: "bench", ...describeWorkload(workload), ...result });
        rows.push([
          model,
          String(batch),
          String(threads),
          ...[min, median, max].map(formatMilliseconds),
          imagesPerSecond.toFixed(imagesPerSecond < 100 ? 1 : 0),
        ]);
        if (given.trace !== undefined)
          traced.push({ workload, measured: await profile(session, workload.feeds, 11) });
      } finally {
        session.close();
      }
      if (!terminal.json && rows.length === 1)
        terminal.line(
          `\n  ${options.train ? "Training steps" : "Inference"} on ${session.backend}, milliseconds\n`,
        );
    }
    if (!terminal.json)
      terminal.line(
        formatTable(terminal, ["model", "batch", "threads", "min", "median", "max", "images/s"], rows),
      );
    if (given.trace === undefined) return 0;
    await writeFileWhole(given.trace, new TextEncoder().encode(`${JSON.stringify(traceOf(traced))}\n`));
    terminal.document({ type: "trace", file: given.trace });
    if (!terminal.json)
      terminal.line(`\n  ${given.trace}: open it in https://ui.perfetto.dev or chrome://tracing`);
    return 0;
  },
});

/** Milliseconds of whole runs, sorted. */
async function timeRuns({ session, feeds }: Workload, wanted: number | undefined): Promise<number[]> {
  const begun = performance.now();
  for (let i = 0; i < 3 || (performance.now() - begun < 500 && i < 50); i++) await session.run(feeds);
  const times: number[] = [];
  const until = performance.now() + 1000 * budget.seconds;
  const isEnough = (): boolean =>
    wanted === undefined ? times.length >= budget.runs && performance.now() >= until : times.length >= wanted;
  while (!isEnough()) {
    const start = performance.now();
    await session.run(feeds);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** Chrome's trace event format: one thread of the trace a model; times in microseconds. */
function traceOf(traced: readonly { readonly workload: Workload; readonly measured: Profile }[]): object {
  const events = traced.flatMap(({ workload, measured }, tid) => {
    const { model, batch, threads, train } = workload;
    const name = `${model}, batch ${batch}, ${train ? "training step" : "inference"}, ${threads} thread${threads > 1 ? "s" : ""}`;
    const place = { pid: 1, tid };
    const meta = { name: "thread_name", ph: "M", ...place, args: { name } };
    const steps = measured.timeline.map(({ step, begin, milliseconds }) => {
      const { name: layer, op, kernel, shape, macs, bytes, share, bound } = measured.steps[step]!;
      const args = { layer, op, shape: shape.join("x"), macs, bytes, share, bound };
      return { name: kernel, cat: op, ph: "X", ts: 1000 * begin, dur: 1000 * milliseconds, ...place, args };
    });
    return [meta, ...steps];
  });
  const process = { name: "process_name", ph: "M", pid: 1, args: { name: "sabok bench" } };
  return { displayTimeUnit: "ms", traceEvents: [process, ...events] };
}
