// What `sabok explain` shows: the steps of a plan, the kernels they are made of, and the verdict, 80 columns wide.
import type { Profile } from "sabok";
import { formatBytes, formatCount, formatInteger, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import type { Workload } from "./workload.ts";

export function showProfile(
  terminal: Terminal,
  { model, input, batch, train, session }: Workload,
  measured: Profile,
): void {
  const { steps, milliseconds, peaks } = measured;
  const { colors } = terminal;
  terminal.title(`${model}, ${batch}x${input.join("x")}, ${train ? "a training step" : "inference"}`);
  const copies = peaks.copies.map(({ bytesPerSecond }) => bytesPerSecond / 1e9);
  const { arenaBytes, bytes } = session.plan;
  terminal.prose(
    `${session.backend}; ${formatInteger(steps.length)} steps, ${formatCount(macsOf(steps))} MACs; ` +
      `memory ${formatBytes(bytes)}, of it ${formatBytes(arenaBytes)} arena. ` +
      `Peaks: ${(peaks.flops / 1e9).toFixed(0)} GFLOP/s, copies ${copies.at(-1)!.toFixed(0)} to ${Math.max(...copies).toFixed(0)} GB/s.`,
  );
  terminal.line();
  terminal.line(formatTable(terminal, stepHead, fitWords(stepRows(steps, train), terminal.width), 2));
  terminal.title("By kernel");
  const sums = [...groupBy(steps, ({ kernel }) => kernel)].map(([kernel, own]) => ({
    kernel,
    calls: own.length,
    time: timeOf(own),
    best: bestOf(own),
  }));
  const whole = timeOf(steps);
  terminal.line(
    formatTable(
      terminal,
      ["kernel", "calls", "ms", "of time", "of peak"],
      sums
        .toSorted((a, b) => b.time - a.time)
        .map(({ kernel, calls, time, best }) => [
          kernel,
          String(calls),
          formatMilliseconds(time),
          formatPercent(time / whole),
          formatPercent(best / time, 0),
        ]),
    ),
  );
  const { min, median, max } = milliseconds;
  terminal.line(
    `\n  A run takes ${formatMilliseconds(median)} ms (${formatMilliseconds(min)} to ${formatMilliseconds(max)}).`,
  );
  terminal.line(`  ${colors.bold(verdictOf(measured))}`);
}

const stepHead = ["step", "kernel", "output", "bytes", "MACs", "ms", "of peak"];

function stepRows(steps: Steps, train: boolean): string[][] {
  return steps.map(({ name, kernel, shape, bytes, macs, milliseconds, share, bound }) => [
    name,
    kernel,
    // Of inference without the batch.
    (train || shape.length < 2 ? shape : shape.slice(1)).join("x"),
    formatBytes(Math.round(bytes)),
    macs === 0 ? "" : formatCount(macs),
    formatMilliseconds(milliseconds.median),
    `${formatPercent(Math.min(share, 9.99), 0)} ${bound[0]!.toUpperCase()}`,
  ]);
}

/** Shortens the two columns of words to what the numbers leave of the width: of a name the end counts, of a kernel the beginning. */
function fitWords(rows: readonly string[][], width: number): string[][] {
  const widest = stepHead.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length)),
  );
  const left = width - widest.slice(2).reduce((sum, cell) => sum + cell + 2, 4);
  const kernel = Math.min(widest[1]!, Math.max(left - widest[0]!, Math.floor(left / 2)));
  return rows.map(([name, call, ...numbers]) => [
    tail(name!, left - kernel),
    head(call!, kernel),
    ...numbers,
  ]);
}

/** What most of the time goes to, and what the peaks would leave of it: one line. */
export function verdictOf({ steps, milliseconds: { median } }: Profile): string {
  const whole = timeOf(steps);
  const [bound, own] = [...groupBy(steps, (step) => step.bound)].sort(
    ([, a], [, b]) => timeOf(b) - timeOf(a),
  )[0]!;
  const at = bound === "overhead" ? "" : `, at ${formatPercent(bestOf(own) / timeOf(own), 0)} of peak`;
  const least = formatMilliseconds((median * bestOf(steps)) / whole);
  return `Bound by ${bound}: ${formatPercent(timeOf(own) / whole, 0)} of ${formatMilliseconds(median)} ms${at}; at the peaks ${least} ms.`;
}

type Steps = Profile["steps"];

function groupBy<Key>(steps: Steps, keyOf: (step: Steps[number]) => Key): Map<Key, Steps> {
  const groups = new Map<Key, Steps>();
  for (const step of steps) groups.set(keyOf(step), [...(groups.get(keyOf(step)) ?? []), step]);
  return groups;
}

function macsOf(steps: Steps): number {
  return steps.reduce((sum, { macs }) => sum + macs, 0);
}

function timeOf(steps: Steps): number {
  return steps.reduce((sum, { milliseconds }) => sum + milliseconds.median, 0);
}

/** The time of the steps at the peaks, and never more than they took. */
function bestOf(steps: Steps): number {
  return steps.reduce((sum, { milliseconds, share }) => sum + Math.min(1, share) * milliseconds.median, 0);
}

/** Three significant digits: 0.0123, 0.412, 12.3, 412. */
export function formatMilliseconds(milliseconds: number): string {
  const digits = milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : milliseconds >= 1 ? 2 : 3;
  return milliseconds.toFixed(digits);
}

function head(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function tail(text: string, most: number): string {
  return text.length > most ? `…${text.slice(1 - most)}` : text;
}
