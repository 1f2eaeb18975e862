// The page of `sabok design`: why the question needs rules, the cheapest stack, how near it is to the optimum of calculus.
import {
  codeBlock,
  html,
  loadPlotting,
  page,
  table,
  type Column,
  type Html,
  type Section,
} from "../../report/index.ts";
import { footerOf, tileList, write, type Tile } from "../page/parts.ts";
import { degenerateSection } from "./degenerateSection.ts";
import type { Design, DesignResult, NoDesign, SeenField } from "./designResult.ts";
import { emitDesign } from "./emit.ts";
import { frontierSection } from "./frontierSection.ts";
import { measured } from "./infeasible.ts";
import { optimalitySection } from "./optimalitySection.ts";
import { seenShare, type DesignProblem } from "./problem.ts";
import { numbersText, receptiveFieldsOf, stackText, stepsOf } from "./stack.ts";

export interface DesignPage {
  /** Sabok's version. */
  readonly version: string;
  /** The command line as it was typed. */
  readonly command: string;
}

/** The result as one self-contained HTML document. `document` is where plots are drawn; see loadPlotting. */
export async function designPage(
  result: DesignResult,
  { version, command }: DesignPage,
  document?: Document,
): Promise<string> {
  const plotting = await loadPlotting(document);
  const { problem, best, seen, optimality } = result;
  return page({
    title: `The cheapest stack that sees ${problem.strict ? "more than" : "at least"} ${write.significant(100 * problem.threshold, 4)}\u202f% of ${measured(problem)}`,
    lang: "en",
    lead: html`<p class="muted">
      Input ${problem.input.join("x")}, ${layersText(problem)}, kernels ${numbersText(problem.kernels)},
      dilation up to ${problem.maxDilation},
      ${problem.strides.length === 1 ? `stride ${problem.strides[0]}` : `strides ${problem.strides.join(", ")}`}
      · sabok ${version}
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
    footer: footerOf(version),
  });
}

function layersText({ layers: [from, to] }: DesignProblem): string {
  return from === to ? (from === 1 ? "1 layer" : `${from} layers`) : `${from} to ${to} layers`;
}

const isDesign = (answer: Design | NoDesign): answer is Design => "macs" in answer;

function answerSection(result: DesignResult): Section {
  const { best, seen, reason, problem, proof } = result;
  if (!best || !seen)
    return {
      id: "answer",
      title: proof.complete ? "There is no such stack" : "No stack was found",
      body: html`<p>${reason}</p>`,
    };
  const { relative } = seen;
  const tiles: readonly Tile[] = [
    [
      "MACs",
      write.integer(best.macs),
      proof.complete ? "proved least" : `at least ${write.integer(proof.lowerBound ?? NaN)} is proved`,
    ],
    ["FLOPs", write.integer(2 * best.macs), "2 × MACs: a multiply and an add each"],
    ["Layers", String(best.layers.length), stackText(best.layers)],
    [
      "Receptive field",
      `${best.receptiveField}x${best.receptiveField}`,
      `${result.leastReceptiveField} would be enough`,
    ],
    [
      "Relative",
      write.percent(seenShare(problem, best.receptiveField), 1),
      `of ${measured(problem)}; height ${write.percent(relative.h, 1)}, width ${write.percent(relative.w, 1)}, area ${write.percent(relative.area, 1)}`,
    ],
    ["Output", best.outputs.at(-1)!.join("x"), `from ${problem.input.join("x")}`],
  ];
  return {
    id: "answer",
    title: "The answer",
    body: html`${tileList(tiles)}
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
  const gap =
    proof.lowerBound !== null && proof.optimum !== null
      ? `, ${write.percent(proof.optimum / proof.lowerBound - 1, 1)} above it`
      : "";
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
    return {
      ...layer,
      l,
      from,
      to,
      step: steps[l]!,
      field: fields[l]!,
      output: `${height}x${width}`,
      macs: from * to * layer.kernel ** 2 * height * width,
    };
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
          {
            title: "MACs",
            value: (row) => write.integer(row.macs),
            numeric: true,
            bar: { share: (row) => row.macs / most, colour: 1 },
          },
          { title: "Share", value: (row) => write.percent(row.macs / macs, 1), numeric: true },
        ],
        rows,
      })}
      <p>
        ${
          seen.holeFree
            ? html`An output sees every pixel of its receptive field: by rising step, no step is more than
              what the smaller ones already reach.`
            : html`An output reads ${seen.pixels} of ${fields.at(-1)} pixels along an axis
              (${write.percent(seen.coverage.area, 1)} of the area): it has holes.`
        }
        ${hybridText(hybrid, seen.holeFree)} With equal weights the effective receptive field has a standard
        deviation of ${write.significant(seen.effectiveStd, 3)} pixels.
      </p>`,
  };
}

function hybridText(hybrid: SeenField["hybridDilation"], holeFree: boolean): string {
  if (!hybrid)
    return "The rule of hybrid dilated convolution says nothing here: it is for one kernel size and stride 1.";
  const verdict = `The rule of hybrid dilated convolution (M₂ = ${hybrid.distance}) ${hybrid.holds ? "accepts" : "rejects"} these dilations in this order`;
  return hybrid.holds === holeFree
    ? `${verdict}.`
    : `${verdict}, and is wrong about it: it looks at the order of layers, which does not matter, and never at the first rate.`;
}

function depthSection({ perDepth, best, problem, proof }: DesignResult): Section {
  const rows = perDepth.map((answer, i) => ({ depth: problem.layers[0] + i, answer }));
  const of =
    (value: (stack: Design) => string | number) =>
    ({ answer }: (typeof rows)[number]) =>
      isDesign(answer) ? value(answer) : "–";
  const columns: Column<(typeof rows)[number]>[] = [
    { title: "Layers", value: ({ depth }) => depth, numeric: true },
    {
      title: "MACs",
      value: ({ answer }) => (isDesign(answer) ? macsCell(answer, best) : "–"),
      numeric: true,
    },
    { title: "Receptive field", value: of(({ receptiveField }) => receptiveField), numeric: true },
    { title: "Output", value: of(({ outputs }) => outputs.at(-1)!.join("x")), numeric: true },
    {
      title: "Stack, or why there is none",
      value: ({ answer }) => (isDesign(answer) ? stackText(answer.layers) : answer.reason),
    },
  ];
  const unproved =
    !proof.complete &&
    html`<p>
      The search was stopped: beyond ${proof.provedDepth} layers these are the cheapest found, not the optima.
    </p>`;
  return {
    id: "depths",
    title: "The optimum for every depth",
    body: html`${table({ caption: "The cheapest stack of each depth", columns, rows })}${unproved}`,
  };
}

function macsCell(stack: Design, best: Design | null): Html {
  const number = write.integer(stack.macs);
  return stack.macs === best?.macs ? html`<strong>${number}</strong>` : html`${number}`;
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
    [
      "Asked for",
      `${problem.strict ? "above" : "at least"} ${problem.threshold} of ${measured(problem)}${result.leastReceptiveField === null ? "" : `: a receptive field of ${result.leastReceptiveField} or more`}`,
    ],
    ["Layers", layersText(problem)],
    [
      "Kernels, dilation, strides",
      `${numbersText(problem.kernels)}; up to ${problem.maxDilation}; ${problem.strides.join(", ")}`,
    ],
    ["Least output", `${problem.minOutput}x${problem.minOutput}`],
    ["Channels", same ? `${problem.channels[0]} everywhere` : problem.channels.join(", ")],
    [
      "Cost",
      problem.cost === "valid"
        ? "no padding: outputs of ⌊(size − R)/J⌋ + 1"
        : "padded: outputs of ⌈size/J⌉; a receptive field is clipped to the input, and outputs at the border see less",
    ],
    [
      "Coverage",
      {
        none: "holes are allowed",
        prefix: "no holes after any layer, no stride above its kernel",
        final: "no holes in what the last output sees, no stride above its kernel",
      }[problem.coverage],
    ],
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
        MACs are C<sub>in</sub>·C<sub>out</sub>·k²·height·width of each convolution; bias, batch norm and
        activation are not counted; FLOPs are twice the MACs. The search is dynamic programming over what is
        covered so far and the product of strides; every such state is kept. ${proofLine(result)}
      </p>
      ${codeBlock("en", "the command", command)}`,
  };
}
