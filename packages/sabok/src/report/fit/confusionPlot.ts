// The confusion matrix as a heat map: 2 to some hundreds of classes. Up to 20 every class is named and every count is
// written; beyond, names stand where there is room and every cell still says its own on hover.
import type { Html } from "../html.ts";
import { numberWriter } from "../language.ts";
import { renderPlot, type Plotting } from "../plot.ts";

const write = numberWriter("en");

/** Shares of the actual class from `least` up, palest first. Steps, because a legend of steps can be read off. */
export const confusionLevels = [
  { least: 0, text: "< 1 %" },
  { least: 0.01, text: "1–5 %" },
  { least: 0.05, text: "5–20 %" },
  { least: 0.2, text: "20–50 %" },
  { least: 0.5, text: "≥ 50 %" },
] as const;

const namedClasses = 20;
const fontSize = 10;
const longestName = 14;

interface Cell {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  readonly share: number;
}

export function confusionPlot(
  plotting: Plotting,
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): Html {
  const { Plot } = plotting;
  const cells: Cell[] = confusion.flatMap((row, actual) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.flatMap((count, predicted) =>
      count > 0 ? [{ actual, predicted, count, share: count / total }] : [],
    );
  });
  const all = classes.length <= namedClasses;
  const names = classes.map(shorten);
  const margin = Math.ceil(Math.max(...names.map(textWidth))) + 6;
  const size = all
    ? Math.min(44, Math.max(24, (352 - margin - 20) / classes.length))
    : Math.max(3, 300 / classes.length);
  const side = Math.round(size * classes.length);
  const every = Math.ceil((1.15 * fontSize) / size); // name every such class, so that names do not touch
  const axis = {
    type: "band",
    domain: classes.map((_, k) => k),
    ticks: classes.flatMap((_, k) => (k % every === 0 ? [k] : [])),
    tickFormat: (k: number) => names[k]!,
    tickSize: 0,
    padding: all ? 0.04 : 0,
    round: false,
  } as const;
  return renderPlot(plotting, {
    label: describe(classes, cells),
    width: margin + 20 + side + 4,
    height: 4 + side + margin + 20,
    rigid: all && classes.length > 10,
    marginLeft: margin + 20,
    marginRight: 4,
    marginTop: 4,
    marginBottom: margin + 20,
    fontSize,
    color: { type: "identity" },
    x: { ...axis, label: "predicted class", tickRotate: -90, labelAnchor: "center", labelArrow: "none" },
    y: { ...axis, label: "actual class", labelAnchor: "center", labelArrow: "none" },
    marks: [
      Plot.frame({ fill: "var(--panel)", stroke: "var(--line)" }),
      Plot.cell(cells, {
        x: "predicted",
        y: "actual",
        fill: (cell: Cell) =>
          `var(--${cell.actual === cell.predicted ? "right" : "wrong"}-${levelOf(cell.share)})`,
        title: (cell: Cell) => explain(classes, cell),
      }),
      all
        ? Plot.text(cells, {
            x: "predicted",
            y: "actual",
            text: ({ count }: Cell) => shortCount(count, size),
            fill: ({ share }: Cell) => (levelOf(share) >= 4 ? "var(--on-deep)" : "var(--on-pale)"),
            fontVariant: "tabular-nums",
            pointerEvents: "none",
          })
        : null,
    ],
  });
}

/** 1 to 5. */
function levelOf(share: number): number {
  return confusionLevels.findLastIndex(({ least }) => share >= least) + 1;
}

function explain(classes: readonly string[], { actual, predicted, count, share }: Cell): string {
  const verdict = actual === predicted ? "recognised" : `taken for ${classes[predicted]}`;
  return `${classes[actual]} ${verdict}: ${write.integer(count)} (${write.percent(share, 1)})`;
}

function describe(classes: readonly string[], cells: readonly Cell[]): string {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const right = cells.reduce(
    (sum, { actual, predicted, count }) => sum + (actual === predicted ? count : 0),
    0,
  );
  const [worst] = cells
    .filter(({ actual, predicted }) => actual !== predicted)
    .sort((a, b) => b.count - a.count);
  const mistake = worst === undefined ? "" : ` Most frequent mistake: ${explain(classes, worst)}.`;
  return `Confusion matrix of ${classes.length} classes: ${write.integer(right)} of ${write.integer(total)} images on the diagonal.${mistake}`;
}

function shorten(name: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  return characters.length > longestName ? `${characters.slice(0, longestName - 1).join("")}…` : name;
}

/** About how wide a name is drawn, in pixels: ideographs and emoji fill a square, letters a good half of one. */
function textWidth(name: string): number {
  let width = 0;
  for (const character of name) width += character.codePointAt(0)! >= 0x2e80 ? fontSize : 0.56 * fontSize;
  return width;
}

/** 12,345 → "12k" where the cell is too small for it. */
function shortCount(count: number, size: number): string {
  const text = String(count);
  return 0.62 * fontSize * text.length <= size - 2 ? text : `${Math.round(count / 1000)}k`;
}
