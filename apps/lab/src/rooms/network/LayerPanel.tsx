// What is known of one layer: its numbers, what it sees, what it answers, its filters.
import { useEffect, useMemo } from "preact/hooks";
import type { Finding } from "sabok/analysis";
import type { LookResult, Numbers } from "../../engine/jobs/lookAtLayer.ts";
import type { NetworkSpec } from "../../engine/network/spec.ts";
import type { NodeView } from "../../engine/network/view.ts";
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Progress } from "../../shared/feedback.tsx";
import { Facts, Panel } from "../../shared/panel.tsx";
import type { Picture } from "../../shared/picture.ts";
import { PictureView } from "../../shared/pictureView.tsx";
import { useJob } from "../../shared/useJob.ts";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { FieldPicture } from "./FieldPicture.tsx";
import { FindingList } from "./LintPanel.tsx";
import { barSheet, channelStrengths, filterSheet, mapSheet, matrixSheet } from "./paintMaps.ts";
import { operatorText, words } from "./words.ts";

export interface LayerPanelProps {
  readonly node: NodeView;
  readonly spec: NetworkSpec;
  readonly picture: Picture;
  /** The picture as the input takes it; undefined where it takes none. */
  readonly image: Float32Array<ArrayBuffer> | undefined;
  readonly findings: readonly Finding[];
  readonly trained: boolean;
  /** Gives the engine what it needs for the spec, before the layer is looked at. */
  readonly prepare: (spec: NetworkSpec) => Promise<void>;
  readonly onClose: () => void;
}

export function LayerPanel({
  node,
  spec,
  picture,
  image,
  findings,
  trained,
  prepare,
  onClose,
}: LayerPanelProps) {
  const w = useWords(words);
  const n = useNumbers();
  const look = useJob("lookAtLayer");
  const { layer, kind, name } = node;
  const looks = kind === "layer" || kind === "join";
  const run = (): void => {
    if (looks)
      void prepare(spec).then(
        () => look.run({ spec, name, kind, weight: layer?.weight?.name, image }),
        () => {},
      );
  };
  useEffect(run, [spec, name, kind, image]);
  const found = look.result.value;
  const title = n.digits(operatorText(node.op, language.value));
  return (
    <Panel
      title={kind === "layer" ? title : name}
      class="layer-panel"
      lead={kind === "layer" ? <code>{name}</code> : undefined}
      actions={
        <Button kind="bare" icon="close" name={w.close} onClick={onClose}>
          {null}
        </Button>
      }
    >
      <div class="stack sections">
        {layer && (
          <Facts
            label={w.shape}
            facts={[
              { label: w.input, value: n.shape(layer.input) },
              { label: w.output, value: n.shape(layer.output) },
              { label: w.macs, value: n.compact(layer.macs), note: w.ofMacs(n.percent(layer.share, 1)) },
              { label: w.params, value: n.compact(layer.params) },
              ...(layer.kernel ? [{ label: w.kernel, value: n.digits(layer.kernel) }] : []),
              ...(layer.stride ? [{ label: w.stride, value: n.digits(layer.stride) }] : []),
              ...(layer.dilation && layer.dilation !== "1×1"
                ? [{ label: w.dilation, value: n.digits(layer.dilation) }]
                : []),
              ...(layer.groups && layer.groups > 1
                ? [{ label: w.groups, value: n.integer(layer.groups) }]
                : []),
            ]}
          />
        )}
        {findings.length > 0 && (
          <section>
            <h3>{w.lintHere}</h3>
            <FindingList findings={findings} />
          </section>
        )}
        {layer && (
          <section>
            <h3>{w.seesPart}</h3>
            <FieldPicture layer={layer} picture={picture} />
          </section>
        )}
        {look.running.value && (
          <Progress label={w[look.progress.value ?? "weights"]} onCancel={found ? undefined : look.cancel} />
        )}
        <ErrorMessage error={look.error.value} onRetry={run} />
        {looks && found && <Answers found={found} busy={look.running.value} />}
        {layer && found && <Filters weight={found.weight} />}
        {looks && !trained && <p class="note">{w.untrained}</p>}
      </div>
    </Panel>
  );
}

const mostMaps = 48;

function Answers({ found, busy }: { readonly found: LookResult; readonly busy: boolean }) {
  const w = useWords(words);
  const n = useNumbers();
  const { activation, milliseconds, backend } = found;
  const drawn = useMemo(() => {
    if (!activation) return undefined;
    if (activation.shape.length !== 3)
      return { sheet: barSheet(activation.data), shown: activation.data.length, best: undefined };
    const strengths = channelStrengths(activation.shape, activation.data);
    const order = strengths.map((_, channel) => channel).sort((a, b) => strengths[b]! - strengths[a]!);
    const chosen = order.slice(0, mostMaps);
    const columns = activation.shape[2]! >= 56 ? 6 : 8;
    const shape = activation.shape as readonly [number, number, number];
    return {
      sheet: mapSheet(shape, activation.data, chosen, Math.min(columns, chosen.length)),
      shown: chosen.length,
      best: { channel: chosen[0]!, strength: strengths[chosen[0]!]! },
    };
  }, [activation]);
  return (
    <section aria-busy={busy}>
      <h3>{w.answers}</h3>
      {!drawn && !busy && <p class="muted">{w.noMap}</p>}
      {drawn && (
        <>
          {drawn.best && <p>{w.answersLead(n.integer(drawn.shown), n.integer(activation!.shape[0]!))}</p>}
          <PictureView
            picture={drawn.sheet.picture}
            label={
              drawn.best
                ? `${w.sheet(n.integer(drawn.shown))}; ${w.answerMap(n.integer(drawn.best.channel), n.significant(drawn.best.strength, 3))}`
                : w.bars(n.integer(drawn.shown))
            }
          />
          <p class="note" data-milliseconds={milliseconds.toFixed(1)}>
            {w.took(n.significant(milliseconds, 3), backend)}
          </p>
        </>
      )}
    </section>
  );
}

function Filters({ weight }: { readonly weight: Numbers | undefined }) {
  const w = useWords(words);
  const n = useNumbers();
  const drawn = useMemo(() => {
    if (!weight) return undefined;
    const { shape, data } = weight;
    const [outputs, inputs, kh = 1, kw = 1] = shape as [number, number, number?, number?];
    if (kh * kw === 1)
      return { kind: "matrix", sheet: matrixSheet(shape, data), outputs, inputs, shown: outputs } as const;
    const shown = Math.min(96, outputs);
    return {
      kind: "filters",
      sheet: filterSheet(shape, data, shown, Math.min(12, shown)),
      outputs,
      inputs,
      shown,
    } as const;
  }, [weight]);
  if (!drawn || (weight && weight.shape.length < 2)) return null;
  const text =
    drawn.kind === "matrix"
      ? w.matrix(n.integer(drawn.outputs), n.integer(drawn.inputs))
      : w.filtersLead(n.integer(drawn.shown), n.integer(drawn.outputs));
  return (
    <section>
      <h3>{w.filters}</h3>
      <p>{text}</p>
      <PictureView picture={drawn.sheet.picture} label={text} />
    </section>
  );
}
