// What `sabok fit` shows while it runs and at its end, 80 columns wide.
import { formatClassCounts } from "sabok/data";
import type { FitEvent, FinishedRun } from "sabok/recipes";
import { describeOptions } from "sabok/recipes";
import type { Checkpoint } from "sabok/train";
import { formatBytes, formatCount, formatDuration, formatInteger, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type EventOf<Type extends FitEvent["type"]> = Extract<FitEvent, { type: Type }>;

/** The largest number of classes whose confusion matrix fits the width. */
const mostConfused = 12;

/** Shows events for people; with --json the epochs also go to stdout as documents. */
export function showFitEvent(terminal: Terminal, event: FitEvent): void {
  switch (event.type) {
    case "data":
      return showData(terminal, event);
    case "network":
      return showNetwork(terminal, event);
    case "transfer":
      return showTransfer(terminal, event);
    case "training":
      return showTraining(terminal, event);
    case "step":
      return terminal.progress(() => progressLine(terminal, event));
    case "epoch":
      terminal.document({ type: "epoch", epochs: event.epochs, ...event.metrics });
      return terminal.line(epochRow(event));
    case "testing":
      return terminal.progress(() => "  testing …");
    case "note":
      return terminal.prose(event.text);
  }
}

function showData(terminal: Terminal, { dataset }: EventOf<"data">): void {
  terminal.line();
  terminal.line(indent(formatClassCounts(dataset)));
}

function showNetwork(terminal: Terminal, { chosen, layers }: EventOf<"network">): void {
  terminal.title("Network");
  const within = chosen.budget === undefined ? "" : ` of ${formatCount(chosen.budget)} allowed`;
  terminal.prose(
    `${chosen.description}: ${formatCount(chosen.macs)} MACs${within}, ${formatCount(chosen.parameters)} parameters`,
  );
  terminal.line();
  const cells = layers.rows.map(({ name, op, shape, parameters, macs }) => [
    name,
    shortOp(op),
    shape.join("x"),
    formatCount(parameters),
    formatCount(macs),
  ]);
  cells.push(["all", "", "", formatCount(layers.parameters), formatCount(layers.macs)]);
  terminal.line(formatTable(terminal, ["layer", "", "output", "params", "MACs"], cells, 2));
}

/** The most keys that are listed. */
const mostMismatches = 12;

function showTransfer(terminal: Terminal, { transfer, mismatches }: EventOf<"transfer">): void {
  const { from, naming, matched, head, freeze, sha256, unexpected } = transfer;
  const names = naming === "own" ? "its own" : `${naming}'s`;
  const layer = head.swapped
    ? `the last layer, ${head.name}, is drawn anew`
    : `the last layer, ${head.name}, is kept: the classes are the same`;
  terminal.title("Weights");
  terminal.prose(
    `${from} (SHA-256 ${sha256.slice(0, 12)}…): ${formatInteger(matched)} keys by ${names} names match, ${unexpected.length} are unexpected; ${layer}. ` +
      (freeze
        ? "That layer alone is trained; batch norms count by their running statistics, which stay."
        : "All of it is trained; batch norms count by the batch, and their running statistics move."),
  );
  if (mismatches.length === 0) return;
  const rows = mismatches
    .slice(0, mostMismatches)
    .map(({ problem, name, detail }) => [name, problem, detail]);
  const more = mismatches.length - rows.length;
  terminal.line();
  terminal.line(formatTable(terminal, ["key", "problem", ""], rows, 3));
  if (more > 0) terminal.line(`  … and ${formatInteger(more)} more`);
}

/** The table has 80 columns: the norm and the bias go without saying. */
function shortOp(op: string): string {
  return op
    .split(", ")
    .filter((part) => part !== "batch norm" && part !== "bias")
    .join(" ");
}

function showTraining(terminal: Terminal, { options, backend, resumed }: EventOf<"training">): void {
  terminal.title("Training");
  const { epochs, batch } = options;
  const settings = Object.entries(describeOptions(options, { data: "" }))
    .filter(([flag]) => flag !== "--epochs" && flag !== "--batch")
    .map(([flag, value]) =>
      value === true
        ? flag.slice(2)
        : value === false || value === 0
          ? `no ${flag.slice(2)}`
          : `${flag.slice(2)} ${round(value)}`,
    );
  terminal.prose(
    `${epochs} ${epochs === 1 ? "epoch" : "epochs"} of batches of ${batch} on ${backend}: ${settings.join(", ")}`,
  );
  if (resumed) terminal.prose(goingOn(resumed, epochs));
  terminal.line();
  terminal.line(
    terminal.colors.dim(row(["epoch", "loss", "accuracy", "val. loss", "val. acc.", "images/s", "time"])),
  );
}

function goingOn({ epoch, step }: Pick<Checkpoint, "epoch" | "step">, epochs: number): string {
  if (epoch === epochs) return "Training was over already; the test and the files follow.";
  return `Going on from epoch ${epoch + 1} of ${epochs}${step === 0 ? "" : `, step ${step + 1}`}.`;
}

function round(value: string | number | boolean): string | number | boolean {
  return typeof value === "number" ? Number(value.toPrecision(3)) : value;
}

function epochRow({ metrics, epochs }: EventOf<"epoch">): string {
  const { epoch, loss, accuracy, validation, imagesPerSecond, seconds } = metrics;
  return row([
    `${epoch}/${epochs}`,
    loss.toFixed(4),
    formatPercent(accuracy),
    validation ? validation.loss.toFixed(4) : "–",
    validation ? formatPercent(validation.accuracy) : "–",
    formatInteger(imagesPerSecond),
    formatDuration(seconds),
  ]);
}

function row(cells: readonly string[]): string {
  return cells.map((cell, column) => cell.padStart(column === 0 ? 8 : 11)).join("");
}

function progressLine({ colors }: Terminal, { progress }: EventOf<"step">): string {
  const { epoch, epochs, step, steps, loss, accuracy, imagesPerSecond, remainingSeconds } = progress;
  const filled = Math.round((16 * step) / steps);
  const bar = `${colors.cyan("━".repeat(filled))}${colors.dim("━".repeat(16 - filled))}`;
  const facts = [
    `loss ${loss.toFixed(3)}`,
    `acc. ${formatPercent(accuracy)}`,
    `${formatInteger(imagesPerSecond)} images/s`,
    `${formatDuration(remainingSeconds)} left`,
  ];
  return `${`${epoch}/${epochs}`.padStart(8)} ${bar} ${facts.join("  ")}`;
}

/** Test, folding and files of a finished run. */
export function showResult(
  terminal: Terminal,
  { record, test, folding, files, seconds, backend }: FinishedRun,
  out: string,
): void {
  const { colors } = terminal;
  const classes = record.model.classes!;
  terminal.title("Test");
  terminal.line(
    `  top-1 ${colors.bold(formatPercent(test.accuracy, 2))} of ${formatInteger(test.count)} images, loss ${test.loss.toFixed(4)}`,
  );
  terminal.line();
  terminal.line(
    classes.length <= mostConfused
      ? confusionTable(terminal, classes, test)
      : worstClasses(terminal, classes, test),
  );
  terminal.title("Model");
  const kept =
    folding.refused.length === 0
      ? ""
      : `, ${folding.refused.length} kept: ${folding.refused.map(({ name, reason }) => `${name} (${reason})`).join("; ")}`;
  terminal.prose(
    `${folding.layers} batch norms folded into the convolutions${kept}. Largest difference to the unfolded network on ` +
      `${folding.images} test images: ${folding.largestDifference.toExponential(1)} (logits reach ${folding.largestLogit.toFixed(1)}).`,
  );
  terminal.line();
  terminal.line(
    formatTable(
      terminal,
      ["file", "size"],
      files.map(({ name, bytes }) => [`${out}/${name}`, formatBytes(bytes)]),
    ),
  );
  terminal.line();
  terminal.prose(
    `Done in ${formatDuration(seconds)} on ${backend}. The report is ${out}/report.html; try the model by`,
  );
  terminal.line(`\n  sabok predict ${shellWord(out)} <image>`);
}

/** Rows are the true classes, columns what they were taken for. */
function confusionTable(
  terminal: Terminal,
  classes: readonly string[],
  { confusion, perClass }: FinishedRun["test"],
): string {
  const { colors } = terminal;
  const name = (text: string): string => (text.length > 14 ? `${text.slice(0, 13)}…` : text);
  const rows = confusion.map((counts, actual) => [
    `${actual} ${name(classes[actual]!)}`,
    formatPercent(perClass[actual]!),
    ...counts.map((count, predicted) =>
      count === 0 ? colors.dim("·") : predicted === actual ? colors.bold(String(count)) : String(count),
    ),
  ]);
  return formatTable(terminal, ["class, taken for", "right", ...classes.map((_, c) => String(c))], rows);
}

function worstClasses(
  terminal: Terminal,
  classes: readonly string[],
  { confusion, perClass }: FinishedRun["test"],
): string {
  const worst = perClass
    .map((share, actual) => ({ share, actual }))
    .filter(({ share }) => Number.isFinite(share))
    .sort((a, b) => a.share - b.share)
    .slice(0, mostConfused);
  const rows = worst.map(({ share, actual }) => {
    const others = confusion[actual]!.map((count, predicted) => (predicted === actual ? 0 : count));
    const most = Math.max(...others);
    return [
      classes[actual]!,
      most === 0 ? "–" : `${classes[others.indexOf(most)]!} (${most})`,
      formatPercent(share),
    ];
  });
  return formatTable(terminal, ["hardest classes", "most often taken for", "right"], rows, 2);
}

/** A word as a POSIX shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
