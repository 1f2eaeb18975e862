// sabok explain: what a network is compiled to, step by step, and what each step's time goes to.
import { profile } from "sabok";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { showProfile, verdictOf } from "../explainView.ts";
import { describeWorkload, openWorkload, readWorkload, workloadArgs } from "../workload.ts";

export const explainCommand = defineCommand({
  name: "explain",
  summary: "show the compiled plan of a network and what bounds it",
  description:
    "Compiles a network and times each step of its plan. A step is one kernel call; beside it stand its bytes read and written, its " +
    "multiply-accumulates and its share of what this machine's arithmetic (C) or memory (M) could do at best, measured at the start; " +
    "O is overhead: neither explains a quarter of the time. The step's name is the layer's.",
  args: {
    model: {
      type: "positional",
      required: false,
      valueHint: "model",
      description:
        "A model's name (sabok models), blocks in timm's notation, a run's folder, or a model file of any format",
    },
    ...workloadArgs,
    runs: { type: "string", valueHint: "n", description: "Runs to time; 20 if not given" },
  },
  examples: [
    ["sabok explain mobilenet_v2", "Inference of one image on one thread"],
    ["sabok explain mobilenet_v3_small --train --size 96", "A training step of 32 images"],
    ["sabok explain runs/first --threads 2 --json", "A trained network; one JSON document"],
  ],
  async run(given, terminal) {
    if (given.model === undefined)
      throw new UsageError("Which model? Give a model's name, a run's folder or a model file.");
    const runs = numberOption("--runs", given.runs, { least: 1, whole: true }) ?? 20;
    terminal.progress(() => "compiling …");
    const workload = await openWorkload(given.model, readWorkload(given), terminal);
    const { session, feeds } = workload;
    terminal.progress(() => "timing …");
    const measured = await profile(session, feeds, runs).finally(() => session.close());
    const { timeline: _, ...rest } = measured;
    terminal.document({
      type: "explain",
      ...describeWorkload(workload),
      ...rest,
      verdict: verdictOf(measured),
    });
    if (!terminal.json) showProfile(terminal, workload, measured);
    return 0;
  },
});
