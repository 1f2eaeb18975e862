// What sabok design says to people: first why the question needs rules, then the answer, each depth, the optimum of
// calculus beside it, and cost against receptive field.
import {
  measured,
  numbersText,
  proofLine,
  seenShare,
  stackText,
  type Design,
  type DesignProblem,
  type DesignResult,
  type EmittedDesign,
  type NoDesign,
} from "sabok/analysis";
import { formatCount, formatInteger, formatPercent } from "./format.ts";
import { scatterPlot } from "./scatterPlot.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export function showDesign(terminal: Terminal, result: DesignResult): void {
  showDegenerate(terminal, result);
  showAnswer(terminal, result);
  showDepths(terminal, result);
  showOptimality(terminal, result);
  showFrontier(terminal, result);
  terminal.line();
  terminal.prose(proofLine(result));
}

const isDesign = (answer: Design | NoDesign): answer is Design => "macs" in answer;

function showDegenerate(terminal: Terminal, { degenerate, problem }: DesignResult): void {
  terminal.title("Why the question as posed has no good answer");
  const tableOf = (kernels: string, answers: readonly (Design | NoDesign)[]): string =>
    formatTable(
      terminal,
      ["layers", kernels, "MACs", "output"],
      answers.map((answer, i) =>
        isDesign(answer)
          ? [
              String(i + 1),
              stackText(answer.layers),
              formatInteger(answer.macs),
              answer.outputs.at(-1)!.join("x"),
            ]
          : [String(i + 1), "none", "–", "–"],
      ),
      2,
    );
  if (degenerate.anyKernel.some(isDesign)) {
    terminal.line(tableOf("any kernel", degenerate.anyKernel));
    terminal.line();
    terminal.line(tableOf(`kernel ${numbersText(problem.kernels)}`, degenerate.givenKernels));
    terminal.line();
    terminal.prose("These are the exact optima with holes allowed, any dilation and any output.");
  }
  terminal.prose(
    "Dilation and stride see farther for nothing; only kernels cost. So the optimum looks at a few far pixels and skips all between. " +
      `Asked for below: ${questionText(problem)}.`,
  );
}

function questionText({
  threshold,
  strict,
  coverage,
  kernels,
  maxDilation,
  strides,
  minOutput,
  cost,
  ...problem
}: DesignProblem): string {
  return [
    `${strict ? "more than" : "at least"} ${threshold} of ${measured(problem)}`,
    { none: "holes allowed", prefix: "no holes after any layer", final: "no holes" }[coverage],
    `kernels ${numbersText(kernels)}`,
    `dilation up to ${maxDilation}`,
    strides.length === 1 ? `stride ${strides[0]}` : `strides ${strides.join(", ")}`,
    `at least ${minOutput}x${minOutput} outputs`,
    cost === "valid" ? "no padding" : "padding",
  ].join(", ");
}

function showAnswer(terminal: Terminal, result: DesignResult): void {
  const { best, seen, optimality, problem, proof } = result;
  const { colors } = terminal;
  terminal.title(
    best
      ? proof.complete
        ? "The cheapest stack"
        : "The cheapest stack found"
      : proof.complete
        ? "There is no such stack"
        : "No stack was found",
  );
  if (!best || !seen || !optimality) {
    terminal.prose(result.reason ?? "");
    return;
  }
  const { relative } = seen;
  const count = best.layers.length === 1 ? "1 layer" : `${best.layers.length} layers`;
  terminal.line(
    `  ${colors.bold(`${formatInteger(best.macs)} MACs`)} (${formatInteger(2 * best.macs)} FLOPs) in ${count}, ${problem.cost === "same" ? "padded" : "without padding"}`,
  );
  const field = `${best.receptiveField}x${best.receptiveField}`;
  terminal.prose(
    `An output sees ${field} of ${problem.input.join("x")} pixels: ${formatPercent(relative.h)} of the height, ${formatPercent(relative.w)} of the width, ` +
      `${formatPercent(relative.area)} of the area. ${result.leastReceptiveField}x${result.leastReceptiveField} would be enough.`,
  );
  terminal.line();
  let jump = 1;
  let reach = 1;
  terminal.line(
    formatTable(
      terminal,
      ["layer", "kernel", "dilation", "stride", "channels", "sees", "output", "MACs", "share"],
      best.layers.map(({ kernel, dilation, stride }, l) => {
        reach += dilation * jump * (kernel - 1);
        jump *= stride;
        const macs = optimality.layerMacs[l]!;
        const channels = `${problem.channels[l]} to ${problem.channels[l + 1]}`;
        return [
          String(l + 1),
          `${kernel}x${kernel}`,
          String(dilation),
          String(stride),
          channels,
          String(reach),
          best.outputs[l]!.join("x"),
          formatInteger(macs),
          formatPercent(macs / best.macs),
        ];
      }),
    ),
  );
  terminal.line();
  const { hybridDilation: hybrid } = seen;
  const rule = hybrid
    ? `The hybrid dilated convolution rule (M2 = ${hybrid.distance}) ${hybrid.holds ? "accepts" : "rejects"} it${hybrid.holds === seen.holeFree ? "" : ", wrongly: it goes by the order of layers, which does not matter here, and ignores the first rate"}.`
    : "";
  const holes = seen.holeFree
    ? "No holes: every pixel of the receptive field is read."
    : `Holes: ${seen.pixels} of ${best.receptiveField} pixels are read along an axis, ${formatPercent(seen.coverage.area)} of the area.`;
  terminal.prose(
    `${holes} ${rule} Effective receptive field: standard deviation ${seen.effectiveStd.toFixed(2)} pixels.`.replace(
      "  ",
      " ",
    ),
  );
}

function showDepths(terminal: Terminal, { perDepth, best, problem, proof }: DesignResult): void {
  const { colors } = terminal;
  terminal.title(
    proof.complete ? "The optimum of every depth" : `Every depth; exact up to ${proof.provedDepth} layers`,
  );
  const depths = perDepth.map((answer, i) => ({ depth: problem.layers[0] + i, answer }));
  const rows = depths.flatMap(({ depth, answer }) => {
    if (!isDesign(answer)) return [];
    const macs = formatInteger(answer.macs);
    return [
      [
        stackText(answer.layers),
        String(depth),
        answer.macs === best?.macs ? colors.green(macs) : macs,
        String(answer.receptiveField),
        answer.outputs.at(-1)!.join("x"),
      ],
    ];
  });
  if (rows.length > 0)
    terminal.line(formatTable(terminal, ["stack", "layers", "MACs", "sees", "output"], rows));
  const without = depths.flatMap(({ depth, answer }) =>
    isDesign(answer) ? [] : [{ depth, reason: answer.reason }],
  );
  if (rows.length > 0 && without.length > 0) terminal.line();
  if (rows.length === 0 && new Set(without.map(({ reason }) => reason)).size === 1)
    terminal.prose("None, for the reason above.");
  else
    for (const { depth, reason } of without)
      terminal.prose(`${depth === 1 ? "1 layer" : `${depth} layers`}: ${reason}`);
}

function showOptimality(
  terminal: Terminal,
  { best, optimality, leastReceptiveField, problem }: DesignResult,
): void {
  if (!best || !optimality) return;
  const { relaxed, depthLaw, layerMacs, spread, overRelaxed } = optimality;
  terminal.title("How near to equal MACs in every layer, the condition of the real optimum");
  terminal.line(
    formatTable(
      terminal,
      ["layer", "MACs", "real", "kernel", "real", "dilation", "real"],
      best.layers.map(({ kernel, dilation }, l) => [
        String(l + 1),
        formatInteger(layerMacs[l]!),
        formatInteger(relaxed.layerMacs[l]!),
        String(kernel),
        relaxed.kernels[l]!.toFixed(2),
        String(dilation),
        relaxed.dilations[l]!.toFixed(2),
      ]),
    ),
  );
  terminal.line();
  terminal.prose(
    `Real kernels with a product of ${leastReceptiveField} on the same maps would cost ${formatInteger(relaxed.macs)} MACs; whole ones cost ${overRelaxed.toFixed(2)} times as much, ` +
      `and the costliest layer ${spread.toFixed(2)} times the cheapest.${problem.cost === "valid" ? " Without padding maps shrink as more is seen, so the solver sees more than it must." : ""} ` +
      `Equal layers are best at 2 ln R = ${depthLaw.layers.toFixed(2)} of kernel ${depthLaw.kernel.toFixed(2)}; the best whole depth is ${best.layers.length}.`,
  );
}

const mostFrontierRows = 10;

function showFrontier(terminal: Terminal, { cheapestByField, frontier, best, problem }: DesignResult): void {
  terminal.title("Cost against receptive field, at any threshold");
  if (cheapestByField.length === 0) {
    terminal.prose("No stack keeps the rules, whatever it sees.");
    return;
  }
  const lines = scatterPlot({
    xLabel: "receptive field",
    yLabel: `MACs   · fewest at this field   o frontier${best ? "   @ the answer" : ""}`,
    width: terminal.width - 4,
    height: 12,
    formatY: formatCount,
    marks: [
      { symbol: "·", points: cheapestByField.map(({ receptiveField, macs }) => [receptiveField, macs]) },
      { symbol: "o", points: frontier.map(({ receptiveField, macs }) => [receptiveField, macs]) },
      { symbol: "@", points: best ? [[best.receptiveField, best.macs]] : [] },
    ],
  });
  terminal.line(lines.map((line) => `  ${line}`).join("\n"));
  terminal.line();
  const shown = thinned(frontier, mostFrontierRows);
  terminal.line(
    formatTable(
      terminal,
      [
        `frontier${shown.length < frontier.length ? `, ${shown.length} of ${frontier.length}` : ""}`,
        "sees",
        `of ${measured(problem).replace("the ", "")}`,
        "MACs",
      ],
      shown.map(({ layers, receptiveField, macs }) => [
        stackText(layers),
        String(receptiveField),
        formatPercent(seenShare(problem, receptiveField)),
        formatInteger(macs),
      ]),
    ),
  );
  if (problem.cost === "valid" && frontier.length < cheapestByField.length) {
    terminal.line();
    terminal.prose(
      "Left out of the frontier: what sees less and costs no less (without padding maps shrink as more is seen).",
    );
  }
}

/** At most `count` of the entries, evenly spread, the first and the last among them. */
function thinned<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries];
  return Array.from(
    { length: count },
    (_, i) => entries[Math.round((i * (entries.length - 1)) / (count - 1))]!,
  );
}

export function showEmitted(terminal: Terminal, { code, blockString, note }: EmittedDesign): void {
  terminal.title("The stack as code");
  terminal.line(code.trimEnd());
  terminal.title("As a block string");
  if (blockString === null) terminal.prose(note ?? "");
  else terminal.line(blockString);
}
