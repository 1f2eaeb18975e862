// The Karush-Kuhn-Tucker figure: what each layer costs beside the equal cost of the real optimum.
import type { DesignResult } from "sabok/analysis";
import { Panel } from "../../shared/panel.tsx";
import { Prose } from "../../shared/tex.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { colourOf } from "./StackPicture.tsx";
import { designWords } from "./words.ts";

export function OptimalityPanel({ result }: { readonly result: DesignResult }) {
  const words = useWords(designWords);
  const { integer, significant, compact } = useNumbers();
  const brief = (macs: number): string => (macs < 1e6 ? integer(macs) : compact(macs));
  const { best, optimality } = result;
  if (!best || !optimality) return null;
  const { layerMacs, relaxed, spread, overRelaxed, depthLaw } = optimality;
  const most = Math.max(...layerMacs, ...relaxed.layerMacs);
  const latin = (value: number): string => String(Number(value.toPrecision(3)));
  return (
    <Panel
      title={words.optimality}
      lead={
        <Prose
          inline
          text={words.optimalityLead(
            integer(relaxed.macsPerLayer),
            integer(relaxed.macs),
            significant(overRelaxed, 3),
            significant(spread, 3),
          )}
        />
      }
    >
      <ol class="kkt">
        {layerMacs.map((macs, l) => (
          <li
            key={l}
            aria-label={words.barLabel(integer(l + 1), integer(macs), integer(relaxed.layerMacs[l]!))}
          >
            <span class="kkt-name">{`${words.layer} ${integer(l + 1)}`}</span>
            <span class="kkt-bars">
              <span class="bar" style={`inline-size:${(100 * macs) / most}%; background:${colourOf(l)}`} />
              <span class="bar real" style={`inline-size:${(100 * relaxed.layerMacs[l]!) / most}%`} />
              <i class="equal" style={`inset-inline-start:${(100 * relaxed.macsPerLayer) / most}%`} />
            </span>
            <span class="kkt-numbers">
              <b>{brief(macs)}</b>
              <span class="muted">{brief(relaxed.layerMacs[l]!)}</span>
            </span>
            <span class="kkt-kernels" dir="ltr">
              k {best.layers[l]!.kernel} <span class="muted">({latin(relaxed.kernels[l]!)})</span> · d{" "}
              {best.layers[l]!.dilation} <span class="muted">({latin(relaxed.dilations[l]!)})</span>
            </span>
          </li>
        ))}
      </ol>
      <ul class="legend">
        <li>
          <i class="swatch" />
          {words.whole}
        </li>
        <li>
          <i class="swatch real" />
          {words.real}
        </li>
      </ul>
      <div class="law">
        <Prose
          inline
          text={words.depthLaw(latin(depthLaw.layers), latin(depthLaw.kernel), integer(best.layers.length))}
        />
      </div>
    </Panel>
  );
}
