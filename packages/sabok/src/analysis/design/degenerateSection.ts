// Why fewest multiply-accumulates at a receptive field is no question yet: the exact optimum of just that.
import { html, numberWriter, table, type Section } from "../../report/index.ts";
import type { Design, DesignResult, NoDesign } from "./designResult.ts";
import { unboundedDilation } from "./relaxation.ts";
import { numbersText, stackText } from "./stack.ts";

const write = numberWriter("en");

const isDesign = (answer: Design | NoDesign): answer is Design => "macs" in answer;

export function degenerateSection({ degenerate, problem, leastReceptiveField }: DesignResult): Section {
  const rows = degenerate.anyKernel.map((any, i) => ({
    depth: i + 1,
    any,
    given: degenerate.givenKernels[i]!,
  }));
  const stack = (answer: Design | NoDesign): string => (isDesign(answer) ? stackText(answer.layers) : "none");
  const macs = (answer: Design | NoDesign): string => (isDesign(answer) ? write.integer(answer.macs) : "–");
  const last = (answer: Design | NoDesign): string =>
    isDesign(answer) ? answer.outputs.at(-1)!.join("x") : "–";
  const field = leastReceptiveField ?? Math.max(...problem.input);
  const lagrange = rows.map(({ depth }) => ({
    depth,
    ...unboundedDilation(field, problem.maxDilation, depth),
  }));
  return {
    id: "degenerate",
    title: "Why the question as posed has no good answer",
    body: html`<p>
        “Fewest multiply-accumulates (MACs) with a relative receptive field above T” alone is ill-posed.
        Dilation and stride enlarge the receptive field for
        nothing${problem.cost === "valid" ? ", and without padding they even save, because later maps shrink" : ""};
        only the kernel costs. So the optimum runs into a corner: one kernel as small and as dilated as can
        be, which looks at a few far pixels and skips all between, and
        ${problem.cost === "valid" ? "an output of almost nothing" : "1x1 layers that add nothing"}.
      </p>
      ${
        !rows.some(({ any }) => isDesign(any))
          ? html`<p>Here not even that sees enough: the threshold itself cannot be met.</p>`
          : table({
              caption: "The exact optimum without a coverage rule, with any dilation and any output",
              columns: [
                { title: "Layers", value: ({ depth }) => depth, numeric: true },
                { title: "Any kernel", value: ({ any }) => stack(any) },
                { title: "MACs", value: ({ any }) => macs(any), numeric: true },
                { title: "Output", value: ({ any }) => last(any), numeric: true },
                { title: `Kernels ${numbersText(problem.kernels)}`, value: ({ given }) => stack(given) },
                { title: "MACs", value: ({ given }) => macs(given), numeric: true },
                { title: "Output", value: ({ given }) => last(given), numeric: true },
              ],
              rows,
            })
      }
      <p>
        Lagrange’s method shows the same: with fixed maps the derivative by a dilation is −λ(k − 1)J, never
        zero while the constraint binds, so every dilation goes to its bound D = ${problem.maxDilation}. What
        is left is k = 1 + (R − 1)/(L·D), kernels that shrink towards 1 with depth:
      </p>
      ${table({
        caption: `The stationary point for R = ${field}, equal layers, stride 1, when holes are allowed`,
        columns: [
          { title: "Layers", value: ({ depth }) => depth, numeric: true },
          { title: "Kernel (real)", value: ({ kernel }) => write.significant(kernel, 4), numeric: true },
          {
            title: "MACs over those of a 1x1 layer",
            value: ({ costPerWeight }) => write.significant(costPerWeight, 4),
            numeric: true,
          },
        ],
        rows: lagrange,
      })}
      <p>
        The question makes sense once three things are asked for: no holes in what an output sees, a least
        size of the last map, and kernels that exist.
      </p>`,
  };
}
