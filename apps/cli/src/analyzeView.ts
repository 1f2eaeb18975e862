// What `sabok analyze` shows: cost, receptive field, layers and lint, 80 columns wide.
import type { Peaks } from "sabok";
import {
  predictedTime,
  streamOf,
  type Analysis,
  type AnalyzedLayer,
  type Finding,
  type JacobianComparison,
  type LayerSignal,
  type Measurements,
  type ReceptiveField,
  type SignalRun,
  type Verification,
} from "sabok/analysis";
import { formatBytes, formatCount, formatInteger, formatPercent, wrap } from "./format.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export function showAnalysis(
  terminal: Terminal,
  analysis: Analysis,
  { peaks, effectiveStd }: Required<Measurements>,
): void {
  terminal.title(`${analysis.model}, input ${analysis.input.join("x")}`);
  showCost(terminal, analysis, peaks);
  showReceptiveField(terminal, analysis, effectiveStd);
  terminal.title("Layers");
  terminal.line(layerRows(terminal, analysis.layers));
  if (analysis.layers.some(({ receptiveField }) => receptiveField?.size === "global" && receptiveField.local))
    terminal.prose(
      "Sees: pixels of the image along a side; with all, a gate over the whole map comes on top.",
    );
  showLint(terminal, analysis.lint);
}

function showCost(terminal: Terminal, analysis: Analysis, peaks: Peaks): void {
  const { params, macs, flops, elements, memory, layers, uncounted } = analysis;
  const pairs: [string, string][] = [
    ["parameters", formatInteger(params)],
    ["MACs", `${formatInteger(macs)}  (FLOPs ${formatInteger(flops)})`],
    [
      "beside them",
      Object.entries(elements)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${kind === "batchNorm" ? "batch norm" : kind} ${formatCount(count)}`)
        .join(", "),
    ],
    ["activations", memoryText(memory)],
    ["time", timeText(layers, peaks)],
  ];
  terminal.line(pairs.map(([name, text]) => labelled(terminal, name, text)).join("\n"));
  terminal.prose(
    "For one image. A MAC is one multiply-accumulate of a convolution or linear layer; bias, batch norm, activation and pooling are counted beside them, in single operations. FLOPs = 2 MACs.",
  );
  for (const { name, op, reason } of uncounted)
    terminal.line(
      labelled(terminal, terminal.colors.yellow("partial"), `${name === "" ? op : name}: ${reason}`),
    );
}

function memoryText({ inference, training, batch }: Analysis["memory"]): string {
  const one = ({ bytes, lowerBound }: { bytes: number; lowerBound: number }): string =>
    `${formatBytes(bytes)}${lowerBound < bytes ? ` (least possible ${formatBytes(lowerBound)})` : ", the least possible"}`;
  return `inference ${one(inference)}; ${training ? `training at batch ${batch} ${one(training)}` : "no training step"}`;
}

function timeText(layers: readonly AnalyzedLayer[], peaks: Peaks): string {
  const { seconds, memoryShare, macsPerByte, flopsPerSecond, bytesPerSecond } = predictedTime(layers, peaks);
  return (
    `at least ${(1000 * seconds).toPrecision(3)} ms on a thread of this machine (roofline: ${(flopsPerSecond / 1e9).toFixed(0)} GFLOP/s, ` +
    `copies of ${(bytesPerSecond.least / 1e9).toFixed(0)} to ${(bytesPerSecond.most / 1e9).toFixed(0)} GB/s), ${formatPercent(memoryShare, 0)} of it bound by memory; ` +
    `${macsPerByte.toPrecision(3)} MACs a byte`
  );
}

function showReceptiveField(
  terminal: Terminal,
  analysis: Analysis,
  effectiveStd: Measurements["effectiveStd"],
): void {
  const { receptiveField, coverage, at } = analysis;
  const { size, local, stride, offset, padding, relative } = receptiveField;
  terminal.title(`Receptive field of ${at}`);
  const lines: [string, string][] = [
    [
      "size",
      size === "global"
        ? `global: it sees the whole image${local ? `, through gates over the whole map; ${local.join("x")} without them` : ""}`
        : `${size.join("x")} pixels`,
    ],
  ];
  if (stride && offset && padding)
    lines.push([
      "position",
      `stride ${stride.map(plain).join("x")}; output (0,0) begins at pixel (${offset.join(", ")}); reaches out of the image by ${padding.join(", ")} (top, left, bottom, right)`,
    ]);
  lines.push([
    "of the image",
    `${formatPercent(relative.h, 0)} of the height, ${formatPercent(relative.w, 0)} of the width, ${formatPercent(relative.area)} of the area`,
  ]);
  if (coverage)
    lines.push([
      "coverage",
      coverage.share === 1
        ? "every pixel of it is read"
        : `${formatInteger(coverage.pixels)} pixels are read, ${formatPercent(coverage.share)} of it${coverage.gridding ? ": gridding" : ""}`,
    ]);
  if (effectiveStd)
    lines.push([
      "effective",
      `standard deviation ${effectiveStd.map((std) => std.toPrecision(3)).join(" and ")} pixels, down and across: how far the gradient spreads, with plain means as kernels`,
    ]);
  terminal.line(lines.map(([name, text]) => labelled(terminal, name, text)).join("\n"));
}

export function showVerification(terminal: Terminal, { at }: Analysis, found: Verification): void {
  const { agrees, input, place, formula, gradient, differing, interior, withoutGates } = found;
  terminal.title(`Checked against the gradient of ${at}`);
  const verdict = agrees
    ? terminal.colors.green("equal, pixel by pixel")
    : terminal.colors.red(`they differ on ${formatInteger(differing)} pixels`);
  terminal.line(
    [
      labelled(terminal, "verdict", verdict),
      labelled(
        terminal,
        "formula",
        `${formula.join("x")} pixels${interior ? "" : ", clipped at the borders of the maps"}`,
      ),
      labelled(
        terminal,
        "gradient",
        `${gradient.join("x")} pixels, for output (${place.join(", ")}) on an input of ${input.join("x")}${withoutGates ? ", gates over the whole map left out" : ""}`,
      ),
    ].join("\n"),
  );
}

function layerRows(terminal: Terminal, layers: readonly AnalyzedLayer[]): string {
  const rows = layers.map(({ name, op, output, params, macs, share, receptiveField }) => [
    name,
    abbreviated(op),
    output.join("x"),
    params === 0 ? "" : formatCount(params),
    macs === 0 ? "" : formatCount(macs),
    macs === 0 ? "" : (100 * share).toFixed(1),
    seenText(receptiveField),
  ]);
  const head = ["layer", "operator", "output", "params", "MACs", "%", "sees"];
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]!.length)));
  const words = terminal.width - widths.slice(2).reduce((sum, width) => sum + width + 2, 4);
  const name = Math.min(widths[0]!, Math.max(Math.floor(words / 2), words - widths[1]!));
  return formatTable(
    terminal,
    head,
    rows.map(([first, second, ...rest]) => [
      shortened(first!, name, "head"),
      shortened(second!, words - name, "tail"),
      ...rest,
    ]),
    2,
  );
}

function seenText(field: ReceptiveField | null): string {
  if (!field) return "";
  const { size } = field;
  if (size === "global") return field.local ? `${sizeText(field.local)}, all` : "all";
  return sizeText(size);
}

function sizeText(size: readonly [number, number]): string {
  return size[0] === size[1] ? String(size[0]) : size.join("x");
}

const abbreviations: readonly (readonly [RegExp, string])[] = [
  [/batch norm/g, "bn"],
  [/squeeze-excite (\d+) to (\d+)/g, "se $1 to $2"],
  [/global average pool/g, "global pool"],
  [/depthwise/g, "dw"],
  [/, bias/g, ""],
  [/hardSwish/g, "hswish"],
  [/, /g, " "],
];

function abbreviated(op: string): string {
  return abbreviations.reduce((text, [long, short]) => text.replace(long, short), op);
}

/** A text cut at its head or tail to a width. */
function shortened(text: string, width: number, where: "head" | "tail"): string {
  if (text.length <= width) return text;
  return where === "head" ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

function showLint(terminal: Terminal, findings: readonly Finding[]): void {
  const { colors } = terminal;
  terminal.title(findings.length === 0 ? "Lint: nothing found" : "Lint");
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan };
  // One rule's findings differ in place and number: the rule is explained once.
  for (const rule of new Set(findings.map((finding) => finding.rule))) {
    const own = findings.filter((finding) => finding.rule === rule);
    const [first] = own;
    terminal.line(
      `  ${paint[first!.severity](first!.severity)}  ${colors.bold(rule)}${own.length > 1 ? `, ${own.length} times` : ""}`,
    );
    terminal.prose(`  ${first!.message}`);
    for (const { node, effect } of own.slice(0, mostShown)) terminal.prose(`  ${node}: ${effect}`);
    if (own.length > mostShown) terminal.prose(`  … and ${own.length - mostShown} more (--json lists all)`);
    terminal.prose(`  Fix: ${first!.fix}`);
  }
}

const mostShown = 4;

export function showSignal(terminal: Terminal, runs: readonly SignalRun[]): void {
  for (const { name, layers } of runs) {
    terminal.title(`Signal, ${name}`);
    const shown = (layer: LayerSignal): string =>
      layer.op.startsWith("sum of branches") ? `${layer.name} +` : layer.name;
    const names = Math.min(Math.max(...layers.map((layer) => shown(layer).length)), terminal.width - 58);
    terminal.line(
      formatTable(
        terminal,
        ["layer", "var before", "var after", "gradient", "grad/weight"],
        layers.map((layer) => [
          shortened(shown(layer), names, "head"),
          significant(layer.before),
          significant(layer.variance),
          significant(layer.gradient),
          layer.gradientToWeight === null ? "" : significant(layer.gradientToWeight),
        ]),
      ),
    );
    const stream = streamOf(layers);
    if (stream)
      terminal.prose(
        `Along the ${stream.sums} sums the variance goes from ${significant(stream.variance[0])} to ${significant(stream.variance[1])} (times ${significant(stream.variancePerSum)} a sum), ` +
          `the gradient on its way back from ${significant(stream.gradient[1])} to ${significant(stream.gradient[0])} (times ${significant(stream.gradientPerSum)}).`,
      );
  }
  terminal.prose(
    "One training step, on noise and random labels unless --data gives images. Before and after: the variance of the layer's map before its norm and activation, and of its output. " +
      "Gradient: of the loss to the output, root mean square times the batch. Gradient over weight: of their norms. A + is a sum in which branches meet.",
  );
}

/** What --fix did, and where the mended network is. */
export interface Fixed {
  readonly done: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

export function showFixed(terminal: Terminal, { done, files }: Fixed): void {
  terminal.title("Fixed");
  for (const line of done) terminal.prose(line);
  if (done.length === 0) terminal.prose("There was nothing to mend that keeps the function.");
  for (const { path, bytes } of files) terminal.line(`  ${path}  ${formatBytes(bytes)}`);
}

export function showJacobian(
  terminal: Terminal,
  { from, to, withSkip, withoutSkip }: JacobianComparison,
): void {
  terminal.title(`Jacobian of ${to} to ${from === "" ? "the input" : from}`);
  const row = (name: string, { singularValues, rms }: JacobianComparison["withSkip"]): string[] => [
    name,
    ...[0, Math.floor(singularValues.length / 2), singularValues.length - 1].map((i) =>
      // What rounding leaves of a zero is no number to show.
      significant(singularValues[i]! < 1e-12 * singularValues[0]! ? 0 : singularValues[i]!),
    ),
    significant(rms),
  ];
  const rows = withoutSkip
    ? [row("with skips", withSkip), row("without", withoutSkip)]
    : [row("no skips between", withSkip)];
  terminal.line(formatTable(terminal, ["singular values", "largest", "median", "smallest", "rms"], rows));
}

function significant(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
}

function plain(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const labelWidth = 14;

/** "  parameters    1,234": long text goes on below itself. */
function labelled({ colors, width }: Terminal, label: string, text: string): string {
  const lines = wrap(text, width - labelWidth - 2);
  return lines
    .map(
      (line, i) =>
        `  ${i === 0 ? colors.dim(label) + " ".repeat(Math.max(1, labelWidth - bare(label))) : " ".repeat(labelWidth)}${line}`,
    )
    .join("\n");
}

/** The length of a text without its colours. */
function bare(text: string): number {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[\d+m/g, "").length;
}
