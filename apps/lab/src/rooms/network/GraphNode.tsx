// One node of the graph's picture: a button whose colour is its number on the scale.
import type { BlockNumbers } from "../../engine/network/blocks.ts";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import type { Scale } from "./coloring.ts";
import type { DrawnNode } from "./drawnGraph.ts";
import { operatorText, words } from "./words.ts";

export interface GraphNodeProps {
  readonly node: DrawnNode;
  /** Of the block that it is. */
  readonly numbers: BlockNumbers | undefined;
  readonly x: number;
  readonly y: number;
  readonly scale: Scale;
  readonly selected: boolean;
  /** Whether Tab reaches it: one node at a time. */
  readonly reachable: boolean;
  readonly onOpen: () => void;
  readonly onFold: (scope: string) => void;
}

export function GraphNode({
  node,
  numbers,
  x,
  y,
  scale,
  selected,
  reachable,
  onOpen,
  onFold,
}: GraphNodeProps) {
  const w = useWords(words);
  const n = useNumbers();
  const { kind, width, height, name, output, share, members } = node;
  const level = scale.level(node);
  const { title, detail } = useNodeText(node, numbers);
  const shape = n.digits(output);
  // The name of the button is its text; this is what its colour and form say.
  const spoken = [
    share > 0 ? w.ofMacs(n.percent(share, 1)) : undefined,
    kind === "block" ? `${w.folded}, ${w.layers(n.integer(members.length))}` : undefined,
  ].filter((part) => part !== undefined);
  const clip = (text: string, most: number): string =>
    text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const folds = kind === "block";
  return (
    <g
      class={`node ${kind}`}
      data-id={node.id}
      data-level={level}
      role="button"
      tabindex={reachable ? 0 : -1}
      aria-pressed={selected}
      transform={`translate(${x} ${y})`}
      onClick={(event) => {
        event.currentTarget.focus({ preventScroll: true });
        onOpen();
      }}
      onDblClick={() => node.block !== undefined && onFold(node.block)}
    >
      {folds && (
        <rect
          class="behind"
          x={-width / 2 + 4}
          y={-height / 2 - 4}
          width={width - 8}
          height={height}
          rx="12"
        />
      )}
      <rect
        class="box"
        x={-width / 2}
        y={-height / 2}
        width={width}
        height={height}
        rx={kind === "join" ? 15 : 12}
      />
      <g>
        {kind === "join" ? (
          <text class="sign" y="5" text-anchor="middle">
            {clip(title, 8)}
          </text>
        ) : kind === "layer" || kind === "block" ? (
          <>
            <text class="title" x={-width / 2 + 12} y={-4}>
              {`${clip(title, 27)} `}
            </text>
            <text class="detail" x={-width / 2 + 12} y={14}>
              {`${clip(detail, 17)} `}
            </text>
            <text class="detail" x={width / 2 - 12} y={14} text-anchor="end">
              {`${shape} `}
            </text>
            {spoken.length > 0 && <text class="spoken">{spoken.join(", ")}</text>}
          </>
        ) : (
          <text class="end" y="5" text-anchor="middle">
            {clip(`${name}  ${shape}`, 24)}
          </text>
        )}
      </g>
      {folds && (
        <g
          class="fold"
          aria-hidden="true"
          transform={`translate(${width / 2 - 18} ${-height / 2 + 16})`}
          onClick={(event) => {
            event.stopPropagation();
            onFold(node.block!);
          }}
        >
          <circle r="10" />
          <path d="M-4 0h8M0 -4v8" />
        </g>
      )}
    </g>
  );
}

/** What stands on a node: what it is, and where. */
function useNodeText({ kind, name, op, members }: DrawnNode, numbers: BlockNumbers | undefined) {
  const w = useWords(words);
  const n = useNumbers();
  if (kind === "block") {
    const title = numbers
      ? `${w.types[numbers.type]}${numbers.expansion === 1 ? "" : ` ×${n.digits(String(numbers.expansion))}`}`
      : w.layers(n.integer(members.length));
    return { title, detail: name };
  }
  if (kind === "layer") {
    const [title] = operatorText(op, "en").split(", ") as [string];
    return { title: n.digits(operatorText(title, language.value)), detail: ending(name, 17) };
  }
  return { title: kind === "join" ? op : name, detail: "" };
}

/** A name, or as many of its last parts as fit. */
function ending(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = name.slice(1 - most);
  const cut = tail.search(/[./]/);
  return `…${tail.slice(cut + 1)}`;
}
