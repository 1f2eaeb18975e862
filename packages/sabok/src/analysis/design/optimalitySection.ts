// How near the cheapest stack is to the condition of the relaxed problem: equal MACs in every layer.
import { html, numberWriter, table, type Section } from "../../report/index.ts";
import type { Design, DesignResult, Optimality } from "./designResult.ts";

const write = numberWriter("en");

export function optimalitySection(
  { layers, macs }: Design,
  optimality: Optimality,
  { leastReceptiveField, problem }: DesignResult,
): Section {
  const { relaxed, depthLaw: law } = optimality;
  const rows = layers.map((layer, l) => ({
    ...layer,
    l,
    macs: optimality.layerMacs[l]!,
    relaxedKernel: relaxed.kernels[l]!,
    relaxedDilation: relaxed.dilations[l]!,
    relaxedMacs: relaxed.layerMacs[l]!,
  }));
  const smallest = problem.kernels.find((kernel) => kernel > 1);
  return {
    id: "optimality",
    title: "How near the whole numbers are to the optimum of calculus",
    body: html`<p>
        Without holes R ≤ Πk. With real kernels, minimising Σ a·k² subject to Πk ≥ R gives the
        Karush-Kuhn-Tucker condition
        <strong>a·k² equal in all layers: every layer costs the same</strong>, with a =
        C<sub>in</sub>·C<sub>out</sub>·outputs. For the maps of this stack and R = ${leastReceptiveField ?? 1}
        each layer would cost ${write.integer(relaxed.macsPerLayer)}
        MACs${relaxed.kernels.some((kernel) => kernel === 1) && ", but for those where even a kernel of 1 costs more,"}
        and all ${write.integer(relaxed.macs)}; the whole numbers cost ${write.integer(macs)},
        ${write.significant(optimality.overRelaxed, 3)} times as much. The costliest layer costs
        ${write.significant(optimality.spread, 3)} times the cheapest; the condition would have 1.
      </p>
      ${table({
        caption: "Whole numbers beside the real optimum of the same maps",
        columns: [
          { title: "Layer", value: ({ l }) => l + 1, numeric: true },
          {
            title: "MACs",
            value: (row) => write.integer(row.macs),
            numeric: true,
            bar: { share: (row) => row.macs / Math.max(...optimality.layerMacs), colour: 1 },
          },
          { title: "MACs, real", value: ({ relaxedMacs }) => write.integer(relaxedMacs), numeric: true },
          { title: "Kernel", value: ({ kernel }) => kernel, numeric: true },
          {
            title: "Kernel, real",
            value: ({ relaxedKernel }) => write.significant(relaxedKernel, 3),
            numeric: true,
          },
          { title: "Dilation", value: ({ dilation }) => dilation, numeric: true },
          {
            title: "Dilation, real",
            value: ({ relaxedDilation }) => write.significant(relaxedDilation, 3),
            numeric: true,
          },
        ],
        rows,
      })}
      ${
        problem.cost === "valid" &&
        html`<p>
          Without padding the maps themselves depend on the choice: a larger receptive field makes every later
          map smaller, so the solver overshoots the threshold and puts the largest extent first. The real
          optimum above holds the maps fixed; it is a measure of distance, not a bound.
        </p>`
      }
      <p>
        The best depth: for equal layers F(L) = a·L·R<sup>2/L</sup> is least at L = 2 ln R =
        ${write.significant(law.layers, 3)} with k = √e = ${write.significant(law.kernel, 4)}, below any
        kernel there
        is.${
          smallest !== undefined &&
          html` With kernels of ${smallest}, the smallest allowed above 1, ⌈log<sub>${smallest}</sub> R⌉ =
            ${law.wholeLayers} layers are the fewest that leave no hole.`
        }
        The solver’s best depth is ${layers.length}.
      </p>`,
  };
}
