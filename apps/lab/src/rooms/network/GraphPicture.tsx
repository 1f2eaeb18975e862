// The network drawn as it flows: SVG that moves and zooms by its viewBox, nodes that are buttons, arrow keys along the edges.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { call } from "../../engine/engine.ts";
import type { Layout } from "../../engine/network/columns.ts";
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Progress } from "../../shared/feedback.tsx";
import { useWords } from "../../shared/words.ts";
import { neighbour, type DrawnGraph } from "./drawnGraph.ts";
import { GraphNode } from "./GraphNode.tsx";
import type { Scale } from "./coloring.ts";
import type { BlockNumbers } from "../../engine/network/blocks.ts";
import { useCamera, type Box } from "./useCamera.ts";
import { words } from "./words.ts";

export interface GraphPictureProps {
  readonly graph: DrawnGraph;
  readonly scale: Scale;
  readonly blocks: readonly BlockNumbers[];
  /** The id of the node that is open. */
  readonly selected: string | undefined;
  readonly onOpen: (id: string) => void;
  /** Folds or unfolds a block's scope. */
  readonly onFold: (scope: string) => void;
}

export function GraphPicture({ graph, scale, blocks, selected, onOpen, onFold }: GraphPictureProps) {
  const w = useWords(words);
  const frame = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const { layout, error } = useLayout(graph, size);
  const camera = useCamera(svg, size, layout);
  const focused = useSignal<string | undefined>(undefined);
  const [near, setNear] = useState<Box>();
  useEffect(() => camera.onNear(setNear), [camera]);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) setSize({ width: Math.round(width), height: Math.round(height) });
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);

  // For whoever measures: when the picture first stood, and when it last changed.
  useLayoutEffect(() => void (layout && performance.mark("graph-drawn")), [layout, graph, scale]);

  const reachable = (id: string | undefined): boolean =>
    id !== undefined && graph.nodes.some((node) => node.id === id);
  const current = reachable(focused.value)
    ? focused.value
    : reachable(selected)
      ? selected
      : graph.nodes[0]?.id;
  const focus = (id: string): void => {
    focused.value = id;
    const place = layout?.nodes[id];
    if (place) camera.reveal(place);
    requestAnimationFrame(() =>
      svg.current
        ?.querySelector<SVGGElement>(`[data-id="${CSS.escape(id)}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const node = graph.nodes.find(({ id }) => id === current);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp" || key === "ArrowLeft" || key === "ArrowRight") {
      const next = neighbour(graph, node.id, key);
      if (next !== undefined) focus(next);
    } else if (key === "Home") focus(graph.nodes[0]!.id);
    else if (key === "End") focus(graph.nodes.at(-1)!.id);
    else if (key === "Enter") onOpen(node.id);
    else if (key === " " && node.block !== undefined) onFold(node.block);
    else if (key === "+" || key === "=") camera.zoom(1.25);
    else if (key === "-") camera.zoom(0.8);
    else if (key === "0") camera.fit();
    else return;
    event.preventDefault();
  };

  const numbersOf = new Map(blocks.map((block) => [block.scope, block]));
  const isNear = (id: string): boolean => {
    const place = layout?.nodes[id];
    if (!place) return false;
    if (!near) return true;
    return Math.abs(place.x - near.x) < near.halfWidth && Math.abs(place.y - near.y) < near.halfHeight;
  };
  return (
    <div class="graph-picture">
      <div class="graph-frame" ref={frame} dir="ltr">
        {error !== undefined && <ErrorMessage error={error} />}
        {!layout && error === undefined && <Progress label={w.placing} />}
        <svg
          ref={svg}
          role="group"
          aria-label={w.graphName}
          class={camera.far.value ? "far" : undefined}
          onKeyDown={onKeyDown}
        >
          <defs>
            <marker
              id="graph-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="6.5"
              markerHeight="6.5"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" />
            </marker>
          </defs>
          {layout && (
            <>
              <g class="edges" aria-hidden="true">
                {layout.paths.map((path, at) => (
                  <path key={at} d={path} marker-end="url(#graph-arrow)" />
                ))}
              </g>
              {graph.nodes
                .filter(({ id }) => isNear(id) || id === current)
                .map((node) => (
                  <GraphNode
                    key={node.id}
                    node={node}
                    numbers={node.block === undefined ? undefined : numbersOf.get(node.block)}
                    x={layout.nodes[node.id]?.x ?? 0}
                    y={layout.nodes[node.id]?.y ?? 0}
                    scale={scale}
                    selected={node.id === selected}
                    reachable={node.id === current}
                    onOpen={() => {
                      focused.value = node.id;
                      onOpen(node.id);
                    }}
                    onFold={onFold}
                  />
                ))}
            </>
          )}
        </svg>
      </div>
      <div class="graph-zoom">
        <Button icon="plus" name={w.zoomIn} onClick={() => camera.zoom(1.25)}>
          {null}
        </Button>
        <Button icon="minus" name={w.zoomOut} onClick={() => camera.zoom(0.8)}>
          {null}
        </Button>
        <Button icon="fit" name={w.zoomFit} onClick={() => camera.fit()}>
          {null}
        </Button>
      </div>
    </div>
  );
}

interface Drawing {
  readonly layout: Layout | undefined;
  readonly error: unknown;
}

/** The layout of a graph's shape: asked for only when nodes, edges or the frame change, not when numbers do. */
function useLayout(
  graph: DrawnGraph,
  size: { readonly width: number; readonly height: number } | undefined,
): Drawing {
  const [found, setFound] = useState<Drawing & { readonly key: string }>();
  // A frame that grows by a few pixels keeps its columns.
  const frame = size && { width: Math.ceil(size.width / 80) * 80, height: Math.ceil(size.height / 80) * 80 };
  const nodes = graph.nodes.map(({ id, width, height }) => ({ id, width, height }));
  const key = JSON.stringify([nodes.map(({ id, height }) => [id, height]), graph.edges, frame]);
  useEffect(() => {
    if (!frame) return;
    const controller = new AbortController();
    call("layoutNetwork", { nodes, edges: graph.edges, frame }, { signal: controller.signal }).then(
      (layout) => setFound({ layout, error: undefined, key }),
      (error: unknown) => controller.signal.aborted || setFound({ layout: undefined, error, key }),
    );
    return () => controller.abort();
  }, [key]);
  // Until the new layout is there, the old one serves for the nodes that it knows.
  return { layout: found?.layout, error: found?.error };
}
