// The picture of the graph with what steers it: colours and their legend, folding.
import { useEffect, useMemo } from "preact/hooks";
import type { NetworkSpec } from "../../engine/network/spec.ts";
import type { NetworkView } from "../../engine/network/view.ts";
import { Button, Choice } from "../../shared/controls.tsx";
import { ErrorMessage, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useJob } from "../../shared/useJob.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import { scaleOf, type Coloring } from "./coloring.ts";
import { drawGraph, foldable } from "./drawnGraph.ts";
import { GraphPicture } from "./GraphPicture.tsx";
import { words } from "./words.ts";

export interface GraphPanelProps {
  readonly view: NetworkView;
  readonly spec: NetworkSpec;
  readonly image: Float32Array<ArrayBuffer> | undefined;
  readonly coloring: Coloring;
  readonly onColoring: (coloring: Coloring) => void;
  /** A node's id or name. */
  readonly selected: string;
  readonly onOpen: (id: string) => void;
  /** The unfolded scopes, apart by commas; "all". */
  readonly open: string;
  readonly onFolding: (open: string) => void;
}

export function GraphPanel(props: GraphPanelProps) {
  const { view, spec, image, coloring, onColoring, selected, onOpen, open, onFolding } = props;
  const w = useWords(words);
  const n = useNumbers();
  const scopes = useMemo(() => foldable(view), [view]);
  const opened = useMemo(
    () => (open === "all" ? scopes : new Set(open.split(",").filter((one) => scopes.has(one)))),
    [open, scopes],
  );
  const graph = useMemo(() => drawGraph(view, (scope) => opened.has(scope)), [view, opened]);
  const signal = useJob("networkSignal");
  const needsSignal = coloring === "signal" && image !== undefined;
  const runSignal = (): void => {
    if (!needsSignal) return;
    const images = new Float32Array(2 * image.length);
    images.set(image);
    images.set(mirrored(image, view.input[2]!), image.length);
    void signal.run({ spec, images, batch: 2 }, [images.buffer]);
  };
  useEffect(runSignal, [view.key, needsSignal, image]);
  const signals = useMemo(
    () => signal.result.value && new Map(signal.result.value.map((one) => [one.name, one])),
    [signal.result.value],
  );
  const scale = useMemo(
    () => scaleOf(coloring, graph.nodes, view.input, signals),
    [coloring, graph, view.input, signals],
  );
  const node = graph.nodes.find(
    ({ id, members }) =>
      id === selected || members.some((one) => one.id === selected || one.name === selected),
  );
  const legends = { cost: w.costLegend, field: w.fieldLegend, signal: w.signalLegend };
  const written = (bound: number): string =>
    coloring === "signal" ? n.significant(bound, 2) : n.percent(bound, coloring === "cost" ? 1 : 0);
  const toggle = (scope: string): void => {
    const next = new Set(opened);
    if (!next.delete(scope)) next.add(scope);
    onFolding(next.size === scopes.size ? "all" : [...next].join(","));
    onOpen(next.has(scope) ? (view.nodes.find(({ block }) => block === scope)?.id ?? "") : `block ${scope}`);
  };
  return (
    <Panel
      title={w.graph}
      class="graph-panel"
      actions={
        scopes.size > 0 && (
          <>
            <Button onClick={() => onFolding("all")} disabled={opened.size === scopes.size}>
              {w.unfoldAll}
            </Button>
            <Button onClick={() => onFolding("")} disabled={opened.size === 0}>
              {w.foldAll}
            </Button>
          </>
        )
      }
    >
      <div class="graph-tools">
        <Choice
          label={w.color}
          value={coloring}
          options={(["cost", "field", "signal"] as const).map((value) => ({ value, label: w[value] }))}
          onChange={onColoring}
        />
        <figure class="heat-legend">
          <figcaption>{legends[coloring]}</figcaption>
          <ol>
            {scale.bounds.map((bound, level) => (
              <li key={level}>
                <i data-level={level} />
                {written(bound)}
              </li>
            ))}
          </ol>
        </figure>
      </div>
      {needsSignal && signal.running.value && <Progress label={w.signalRunning} onCancel={signal.cancel} />}
      {needsSignal && <ErrorMessage error={signal.error.value} onRetry={runSignal} />}
      <GraphPicture
        graph={graph}
        scale={scale}
        blocks={view.blocks?.blocks ?? []}
        selected={node?.id}
        onOpen={onOpen}
        onFold={toggle}
      />
      <p class="note">{w.keys}</p>
    </Panel>
  );
}

/** The picture seen in a mirror: the second of the batch. */
function mirrored(image: Float32Array, width: number): Float32Array {
  const out = new Float32Array(image.length);
  for (let start = 0; start < image.length; start += width)
    for (let column = 0; column < width; column++) out[start + column] = image[start + width - 1 - column]!;
  return out;
}
