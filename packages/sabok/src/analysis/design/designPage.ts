// The page of `sabok design`: why the question needs rules, the cheapest stack, how near it is to the optimum of calculus.
import {
  codeBlock,
  figure,
  html,
  legend,
  loadPlotting,
  numberWriter,
  page,
  renderPlot,
  table,
  type Column,
  type Html,
  type Plotting,
  type Section,
} from "../../report/index.ts";
import type { Design, DesignResult, NoDesign, Optimality, SeenField } from "./design.ts";
import { emitDesign } from "./emit.ts";
import { measured } from "./infeasible.ts";
import { seenShare, type DesignProblem } from "./problem.ts";
import { unboundedDilation } from "./relaxation.ts";
import { receptiveFieldsOf, stepsOf, type ConvolutionLayer } from "./stack.ts";

const write = numberWriter("en");

export interface DesignPage {
  /** Sabok's version. */
  readonly version: string;
  /** The command line as it was typed. */
  readonly command: string;
}

/** The result as one self-contained HTML document. `document` is where plots are drawn; see loadPlotting. */
export async function designPage(result: DesignResult, { version, command }: DesignPage, document?: Document): Promise<string> {
  const plotting = await loadPlotting(document);
  const { problem, best, seen, optimality } = result;
  return page({
    title: `The cheapest stack that sees ${problem.strict ? "more than" : "at least"} ${write.percent(problem.threshold, 0)} of ${measured(problem)}`,
    lang: "en",
    lead: html`<p class="muted">
      Input ${problem.input.join("x")}, ${layersText(problem)}, kernels ${problem.kernels.join(", ")}, dilation up to ${problem.maxDilation},
      ${problem.strides.length === 1 ? `stride ${problem.strides[0]}` : `strides ${problem.strides.join(", ")}`} · sabok ${version}
    </p>`,
    sections: [
      degenerateSection(result),
      answerSection(result),
      ...(best && seen ? [stackSection(best, seen, problem)] : []),
      depthSection(result),
      ...(best && optimality ? [optimalitySection(best, optimality, result)] : []),
      frontierSection(plotting, result),
      ...(best ? [codeSection(best, problem)] : []),
      questionSection(result, command),
    ],
    footer: html`Written by sabok ${version}. This page needs no network: save it, print it, send it.`,
  });
}

function layersText({ layers: [from, to] }: DesignProblem): string {
  return from === to ? (from === 1 ? "1 layer" : `${from} layers`) : `${from} to ${to} layers`;
}

const isDesign = (answer: Design | NoDesign): answer is Design => "macs" in answer;

/** "3x3 d8, 5x5 d2 s2": the layers in a few characters each. */
export function stackText(layers: readonly ConvolutionLayer[]): string {
  return layers
    .map(({ kernel, dilation, stride }) => [`${kernel}x${kernel}`, dilation > 1 && `d${dilation}`, stride > 1 && `s${stride}`].filter(Boolean).join(" "))
    .join(", ");
}

function degenerateSection({ degenerate, problem, leastReceptiveField }: DesignResult): Section {
  const rows = degenerate.anyKernel.map((any, i) => ({ depth: i + 1, any, given: degenerate.givenKernels[i]! }));
  const stack = (answer: Design | NoDesign): string => (isDesign(answer) ? stackText(answer.layers) : "none");
  const macs = (answer: Design | NoDesign): string => (isDesign(answer) ? write.integer(answer.macs) : "–");
  const last = (answer: Design | NoDesign): string => (isDesign(answer) ? answer.outputs.at(-1)!.join("x") : "–");
  const both = { macs, stack, last };
  const field = leastReceptiveField ?? Math.max(...problem.input);
  const lagrange = rows.map(({ depth }) => ({ depth, ...unboundedDilation(field, problem.maxDilation, depth) }));
  return {
    id: "degenerate",
    title: "Why the question as posed has no good answer",
    body: html`<p>
        “Fewest multiply-accumulates (MACs) with a relative receptive field above T” alone is ill-posed. Dilation and stride enlarge the receptive field for
        nothing${problem.cost === "valid" ? ", and without padding they even save, because later maps shrink" : ""}; only the kernel costs. So the optimum
        runs into a corner: one kernel as small and as dilated as can be, which looks at a few far pixels and skips all between, and
        ${problem.cost === "valid" ? "an output of almost nothing" : "1x1 layers that add nothing"}.
      </p>
      ${table({
        caption: "The exact optimum without a coverage rule, with any dilation and any output",
        columns: [
          { title: "Layers", value: ({ depth }) => depth, numeric: true },
          { title: "Any kernel", value: ({ any }) => both.stack(any) },
          { title: "MACs", value: ({ any }) => both.macs(any), numeric: true },
          { title: "Output", value: ({ any }) => both.last(any), numeric: true },
          { title: `Kernels ${problem.kernels.join(", ")}`, value: ({ given }) => both.stack(given) },
          { title: "MACs", value: ({ given }) => both.macs(given), numeric: true },
          { title: "Output", value: ({ given }) => both.last(given), numeric: true },
        ],
        rows,
      })}
      <p>
        Lagrange’s method shows the same: with fixed maps the derivative by a dilation is −λ(k − 1)J, never zero while the constraint binds, so every
        dilation goes to its bound D = ${problem.maxDilation}. What is left is k = 1 + (R − 1)/(L·D), kernels that shrink towards 1 with depth:
      </p>
      ${table({
        caption: `The stationary point for R = ${field}, equal layers, stride 1, when holes are allowed`,
        columns: [
          { title: "Layers", value: ({ depth }) => depth, numeric: true },
          { title: "Kernel (real)", value: ({ kernel }) => write.significant(kernel, 4), numeric: true },
          { title: "MACs over those of a 1x1 layer", value: ({ costPerWeight }) => write.significant(costPerWeight, 4), numeric: true },
        ],
        rows: lagrange,
      })}
      <p>The question makes sense once three things are asked for: no holes in what an output sees, a least size of the last map, and kernels that exist.</p>`,
  };
}

function answerSection(result: DesignResult): Section {
  const { best, seen, reason, problem, proof } = result;
  if (!best || !seen)
    return {
      id: "answer",
      title: proof.complete ? "There is no such stack" : "No stack was found",
      body: html`<p>${reason}</p>`,
    };
  const { relative } = seen;
  const tiles: readonly [string, string, string][] = [
    ["MACs", write.integer(best.macs), proof.complete ? "proved least" : `at least ${write.integer(proof.lowerBound ?? NaN)} is proved`],
    ["FLOPs", write.integer(2 * best.macs), "2 × MACs: a multiply and an add each"],
    ["Layers", String(best.layers.length), stackText(best.layers)],
    ["Receptive field", `${best.receptiveField}x${best.receptiveField}`, `needed: ${result.leastReceptiveField}; more may be cheaper`],
    ["Relative", write.percent(seenShare(problem, best.receptiveField), 1), `of ${measured(problem)}; height ${write.percent(relative.h, 1)}, width ${write.percent(relative.w, 1)}, area ${write.percent(relative.area, 1)}`],
    ["Output", best.outputs.at(-1)!.join("x"), `from ${problem.input.join("x")}`],
  ];
  return {
    id: "answer",
    title: "The answer",
    body: html`<dl class="tiles">
        ${tiles.map(
          ([title, number, note]) => html`<div>
            <dt>${title}</dt>
            <dd class="number">${number}</dd>
            <dd class="note">${note}</dd>
          </div> `,
        )}
      </dl>
      <p>${proofLine(result)}</p>`,
  };
}

/** What was searched and what that proves, in one sentence. */
export function proofLine({ proof, best }: DesignResult): string {
  const searched = `${write.integer(proof.states)} states explored, ${write.integer(proof.transitions)} layers tried on them`;
  if (proof.complete)
    return best
      ? `Proof: ${searched}, all there are; lower bound ${write.integer(best.macs)}, optimum ${write.integer(best.macs)} MACs.`
      : `Proof: ${searched}, all there are; none will do.`;
  const gap = proof.lowerBound !== null && proof.optimum !== null ? `, ${write.percent(proof.optimum / proof.lowerBound - 1, 1)} above it` : "";
  return (
    `Stopped: ${searched}; lower bound ${write.integer(proof.lowerBound ?? NaN)}, best so far ${write.integer(proof.optimum ?? NaN)} MACs${gap}. ` +
    `Depths up to ${proof.provedDepth} are exact.`
  );
}

function stackSection({ layers, macs, outputs }: Design, seen: SeenField, problem: DesignProblem): Section {
  const fields = receptiveFieldsOf(layers);
  const steps = stepsOf(layers);
  const rows = layers.map((layer, l) => {
    const [height, width] = outputs[l]!;
    const [from, to] = [problem.channels[l]!, problem.channels[l + 1]!];
    return { ...layer, l, from, to, step: steps[l]!, field: fields[l]!, output: `${height}x${width}`, macs: from * to * layer.kernel ** 2 * height * width };
  });
  const most = Math.max(...rows.map((row) => row.macs));
  const { hybridDilation: hybrid } = seen;
  return {
    id: "stack",
    title: "The stack",
    body: html`${table({
        caption: "Its layers from the input on",
        columns: [
          { title: "Layer", value: ({ l }) => l + 1, numeric: true },
          { title: "Kernel", value: ({ kernel }) => `${kernel}x${kernel}`, numeric: true },
          { title: "Dilation", value: ({ dilation }) => dilation, numeric: true },
          { title: "Stride", value: ({ stride }) => stride, numeric: true },
          { title: "Channels", value: ({ from, to }) => `${from} → ${to}`, numeric: true },
          { title: "Step in input pixels", value: ({ step }) => step, numeric: true },
          { title: "Receptive field", value: ({ field }) => field, numeric: true },
          { title: "Output", value: ({ output }) => output, numeric: true },
          { title: "MACs", value: (row) => write.integer(row.macs), numeric: true, bar: { share: (row) => row.macs / most, colour: 1 } },
          { title: "Share", value: (row) => write.percent(row.macs / macs, 1), numeric: true },
        ],
        rows,
      })}
      <p>
        ${
          seen.holeFree
            ? html`An output sees every pixel of its receptive field: by rising step, no step is more than what the smaller ones already reach.`
            : html`An output reads ${seen.pixels} of ${fields.at(-1)} pixels along an axis (${write.percent(seen.coverage.area, 1)} of the area): it has holes.`
        }
        ${hybridText(hybrid, seen.holeFree)}
        With equal weights the effective receptive field has a standard deviation of ${write.significant(seen.effectiveStd, 3)} pixels.
      </p>`,
  };
}

function hybridText(hybrid: SeenField["hybridDilation"], holeFree: boolean): string {
  if (!hybrid) return "The rule of hybrid dilated convolution says nothing here: it is for one kernel size and stride 1.";
  const verdict = `The rule of hybrid dilated convolution (M₂ = ${hybrid.distance}) ${hybrid.holds ? "accepts" : "rejects"} these dilations in this order`;
  return hybrid.holds === holeFree ? `${verdict}.` : `${verdict}, and is wrong about it: it looks at the order of layers, which does not matter, and never at the first rate.`;
}

function depthSection({ perDepth, best, problem, proof }: DesignResult): Section {
  const rows = perDepth.map((answer, i) => ({ depth: problem.layers[0] + i, answer }));
  const of = (value: (stack: Design) => string | number) => ({ answer }: (typeof rows)[number]) => (isDesign(answer) ? value(answer) : "–");
  const columns: Column<(typeof rows)[number]>[] = [
    { title: "Layers", value: ({ depth }) => depth, numeric: true },
    { title: "MACs", value: ({ answer }) => (isDesign(answer) ? macsCell(answer, best) : "–"), numeric: true },
    { title: "Receptive field", value: of(({ receptiveField }) => receptiveField), numeric: true },
    { title: "Output", value: of(({ outputs }) => outputs.at(-1)!.join("x")), numeric: true },
    { title: "Stack, or why there is none", value: ({ answer }) => (isDesign(answer) ? stackText(answer.layers) : answer.reason) },
  ];
  const unproved = !proof.complete && html`<p>The search was stopped: beyond ${proof.provedDepth} layers these are the cheapest found, not the optima.</p>`;
  return { id: "depths", title: "The optimum for every depth", body: html`${table({ caption: "The cheapest stack of each depth", columns, rows })}${unproved}` };
}

function macsCell(stack: Design, best: Design | null): Html {
  const number = write.integer(stack.macs);
  return stack.macs === best?.macs ? html`<strong>${number}</strong>` : html`${number}`;
}

function optimalitySection({ layers, macs }: Design, optimality: Optimality, { leastReceptiveField, problem }: DesignResult): Section {
  const { relaxed, depthLaw: law } = optimality;
  const rows = layers.map((layer, l) => ({ ...layer, l, macs: optimality.layerMacs[l]!, relaxedKernel: relaxed.kernels[l]!, relaxedDilation: relaxed.dilations[l]! }));
  const smallest = problem.kernels.find((kernel) => kernel > 1);
  return {
    id: "optimality",
    title: "How near the whole numbers are to the optimum of calculus",
    body: html`<p>
        Without holes R ≤ Πk. With real kernels, minimising Σ a·k² subject to Πk ≥ R gives the Karush-Kuhn-Tucker condition
        <strong>a·k² equal in all layers: every layer costs the same</strong>, with a = C<sub>in</sub>·C<sub>out</sub>·outputs. For the maps of this stack and
        R = ${leastReceptiveField} each layer would cost ${write.integer(relaxed.macsPerLayer)} MACs and all ${write.integer(relaxed.macs)}; the whole
        numbers cost ${write.integer(macs)}, ${write.significant(optimality.overRelaxed, 3)} times as much. The costliest layer costs
        ${write.significant(optimality.spread, 3)} times the cheapest; the condition would have 1.
      </p>
      ${table({
        caption: "Whole numbers beside the real optimum of the same maps",
        columns: [
          { title: "Layer", value: ({ l }) => l + 1, numeric: true },
          { title: "MACs", value: (row) => write.integer(row.macs), numeric: true, bar: { share: (row) => row.macs / Math.max(...optimality.layerMacs), colour: 1 } },
          { title: "MACs, real", value: () => write.integer(relaxed.macsPerLayer), numeric: true },
          { title: "Kernel", value: ({ kernel }) => kernel, numeric: true },
          { title: "Kernel, real", value: ({ relaxedKernel }) => write.significant(relaxedKernel, 3), numeric: true },
          { title: "Dilation", value: ({ dilation }) => dilation, numeric: true },
          { title: "Dilation, real", value: ({ relaxedDilation }) => write.significant(relaxedDilation, 3), numeric: true },
        ],
        rows,
      })}
      ${
        problem.cost === "valid" &&
        html`<p>
          Without padding the maps themselves depend on the choice: a larger receptive field makes every later map smaller, so the solver overshoots the
          threshold and puts the largest extent first. The real optimum above holds the maps fixed; it is a measure of distance, not a bound.
        </p>`
      }
      <p>
        The best depth: for equal layers F(L) = a·L·R<sup>2/L</sup> is least at L = 2 ln R = ${write.significant(law.layers, 3)} with k = √e = ${write.significant(law.kernel, 4)},
        below any kernel there is.${smallest !== undefined ? ` With kernels of ${smallest}, the smallest allowed above 1, ⌈log R⌉ = ${law.wholeLayers} layers are the fewest that leave no hole.` : ""}
        The solver’s best depth is ${layers.length}.
      </p>`,
  };
}

function frontierSection(plotting: Plotting, { cheapestByField, frontier, best, leastReceptiveField, problem }: DesignResult): Section {
  const title = "Cost against receptive field";
  if (cheapestByField.length === 0) return { id: "frontier", title, body: html`<p>No stack keeps the rules, whatever its receptive field.</p>` };
  const { Plot } = plotting;
  const [width, height] = [560, 320];
  // A field that is not reached exactly costs what the next larger one costs: steps that rise before the point.
  const steps = frontier.map(({ receptiveField, macs }) => [receptiveField, macs] as const);
  const curve = cheapestByField.map(({ receptiveField, macs }) => [receptiveField, macs] as const);
  const first = curve[0]![0];
  const least = steps[0]!;
  const picture = renderPlot(plotting, {
    label: `Fewest MACs by receptive field, ${curve.length} fields from ${first} to ${curve.at(-1)![0]}; ${frontier.length} on the frontier.`,
    width,
    height,
    marginLeft: 62,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 38,
    fontSize: 12,
    x: { label: "receptive field (pixels)", nice: true, ticks: 8 },
    y: { label: "MACs", zero: true, nice: true, ticks: 6, grid: true, tickFormat: "~s" },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "var(--muted)" }),
      leastReceptiveField === null ? null : Plot.ruleX([leastReceptiveField], { stroke: "var(--muted)", strokeDasharray: "4 3" }),
      Plot.line(curve, { stroke: "var(--series-1)", strokeWidth: 1.25 }),
      curve.length <= 150 ? Plot.dot(curve, { r: 2, fill: "var(--series-1)" }) : null,
      Plot.line([[first, least[1]], ...steps], { stroke: "var(--series-2)", strokeWidth: 2.5, strokeDasharray: "6 3", curve: "step-before" }),
      Plot.dot(steps, { r: 3.5, fill: "var(--series-2)" }),
      best ? Plot.dot([[best.receptiveField, best.macs]], { r: 7, stroke: "var(--series-3)", strokeWidth: 2.5 }) : null,
    ],
  });
  const line = (colour: number, dash: string): Html =>
    html`<svg viewBox="0 0 32 12" aria-hidden="true"><line x1="1" x2="31" y1="6" y2="6" stroke="${colour === 0 ? "var(--muted)" : `var(--series-${colour})`}" stroke-width="2.5" stroke-dasharray="${dash}" /></svg>`;
  const ring = html`<svg viewBox="0 0 32 12" aria-hidden="true"><circle cx="16" cy="6" r="4.5" fill="none" stroke="var(--series-3)" stroke-width="2.5" /></svg>`;
  const on = new Set(frontier.map(({ receptiveField }) => receptiveField));
  return {
    id: "frontier",
    title,
    body: figure({
      lang: "en",
      legend: legend([
        [line(1, "none"), "fewest MACs for exactly this receptive field"],
        [line(2, "6 3"), "frontier: fewest MACs for at least this receptive field"],
        ...(best ? [[ring, "the answer"] as const] : []),
        ...(leastReceptiveField === null ? [] : [[line(0, "4 3"), `least receptive field asked for (${leastReceptiveField})`] as const]),
      ]),
      picture,
      caption: html`Over all depths, under the same rules but for the
        threshold.${
          problem.cost === "valid"
            ? " Without padding seeing more can cost less, since the maps shrink: the frontier skips every field that a larger one undercuts."
            : " With padding cost depends on kernels and strides alone, so the frontier is a staircase."
        }`,
      data: html`${table({
        caption: "The frontier",
        columns: [
          { title: "Receptive field", value: ({ receptiveField }) => receptiveField, numeric: true },
          { title: `Share of ${measured(problem)}`, value: ({ receptiveField }) => write.percent(seenShare(problem, receptiveField), 1), numeric: true },
          { title: "MACs", value: ({ macs }) => write.integer(macs), numeric: true },
          { title: "Stack", value: ({ layers }) => stackText(layers) },
        ],
        rows: frontier,
      })}
      ${table({
        caption: "Fewest MACs for exactly each receptive field",
        columns: [
          { title: "Receptive field", value: ({ receptiveField }) => receptiveField, numeric: true },
          { title: "MACs", value: ({ macs }) => write.integer(macs), numeric: true },
          { title: "Layers", value: ({ layers }) => layers, numeric: true },
          { title: "On the frontier", value: ({ receptiveField }) => (on.has(receptiveField) ? "yes" : "") },
        ],
        rows: cheapestByField,
      })}`,
    }),
  };
}

function codeSection(best: Design, problem: DesignProblem): Section {
  const { code, blockString, note } = emitDesign(best, problem);
  return {
    id: "code",
    title: "The stack as code",
    body: html`${codeBlock("en", "the stack in sabok", code)}
    ${blockString === null ? html`<p>${note}</p>` : codeBlock("en", "the stack in timm's notation", blockString)}`,
  };
}

function questionSection(result: DesignResult, command: string): Section {
  const { problem } = result;
  const same = new Set(problem.channels).size === 1;
  const facts: readonly [string, string][] = [
    ["Input", `${problem.input.join("x")} (height x width)`],
    ["Asked for", `${problem.strict ? "above" : "at least"} ${problem.threshold} of ${measured(problem)}${result.leastReceptiveField === null ? "" : `: a receptive field of ${result.leastReceptiveField} or more`}`],
    ["Layers", layersText(problem)],
    ["Kernels, dilation, strides", `${problem.kernels.join(", ")}; up to ${problem.maxDilation}; ${problem.strides.join(", ")}`],
    ["Least output", `${problem.minOutput}x${problem.minOutput}`],
    ["Channels", same ? `${problem.channels[0]} everywhere` : problem.channels.join(", ")],
    ["Cost", problem.cost === "valid" ? "no padding: outputs of ⌊(size − R)/J⌋ + 1" : "padded: outputs of ⌈size/J⌉; a receptive field is clipped to the input, and outputs at the border see less"],
    ["Coverage", { none: "holes are allowed", prefix: "no holes after any layer, no stride above its kernel", final: "no holes in what the last output sees, no stride above its kernel" }[problem.coverage]],
  ];
  return {
    id: "question",
    title: "The question, and the proof",
    body: html`<div class="scroll" role="group" aria-label="The question" tabindex="0">
        <table class="facts">
          <caption class="unseen">
            The question
          </caption>
          <tbody>
            ${facts.map(
              ([name, value]) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  <td>${value}</td>
                </tr> `,
            )}
          </tbody>
        </table>
      </div>
      <p>
        MACs are C<sub>in</sub>·C<sub>out</sub>·k²·height·width of each convolution; bias, batch norm and activation are not counted; FLOPs are twice the MACs.
        The search is dynamic programming over what is covered so far and the product of strides; every such state is kept. ${proofLine(result)}
      </p>
      ${codeBlock("en", "the command", command)}`,
  };
}
