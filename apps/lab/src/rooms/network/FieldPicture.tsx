// What one output of a layer sees, as a window over the picture; the output is chosen by pointing or with the arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import type { LayerView } from "../../engine/network/view.ts";
import { imageData, type Picture } from "../../shared/picture.ts";
import { theme } from "../../shared/theme.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import { fieldWindow } from "./fieldWindow.ts";
import { words } from "./words.ts";

export interface FieldPictureProps {
  readonly layer: LayerView;
  /** As large as the network's input. */
  readonly picture: Picture;
}

export function FieldPicture({ layer, picture }: FieldPictureProps) {
  const w = useWords(words);
  const n = useNumbers();
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = layer.output.length === 3 ? layer.output[1]! : 1;
  const columns = layer.output.length === 3 ? layer.output[2]! : 1;
  const [wished, setAt] = useState<readonly [number, number]>();
  const [row, column] = [
    Math.min(rows - 1, wished?.[0] ?? Math.floor((rows - 1) / 2)),
    Math.min(columns - 1, wished?.[1] ?? Math.floor((columns - 1) / 2)),
  ];
  const { field } = layer;
  const colors = theme.value;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const { width, height } = picture;
    element.width = width;
    element.height = height;
    const context = element.getContext("2d")!;
    context.putImageData(imageData(picture), 0, 0);
    const box = field && fieldWindow(field, [row, column], [height, width]);
    if (!box) return;
    const accent = getComputedStyle(element).getPropertyValue("--series-2").trim();
    context.fillStyle = "rgb(12 16 20 / 0.62)";
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(box.left, box.top, box.width, box.height);
    context.fill("evenodd");
    context.lineWidth = Math.max(1, width / 112);
    context.strokeStyle = accent;
    context.strokeRect(box.left, box.top, box.width, box.height);
    context.fillStyle = accent;
    context.beginPath();
    context.arc(
      box.left + box.width / 2,
      box.top + box.height / 2,
      Math.max(1.2, width / 90),
      0,
      2 * Math.PI,
    );
    context.fill();
  }, [picture, field, row, column, colors]);
  if (!field) return <p class="muted">{w.seesNothing}</p>;
  const size = field.local && n.shape(field.local);
  const said =
    field.size !== "global"
      ? w.seesLead(
          n.shape(field.size),
          field.stride ? n.shape(field.stride.map((one) => Number(one.toFixed(2)))) : "–",
        )
      : size
        ? w.seesAllGated(size)
        : w.seesAll;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!by) return;
    event.preventDefault();
    const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
    setAt([clamp(row + by[0]!, rows - 1), clamp(column + by[1]!, columns - 1)]);
  };
  return (
    <div class="field-picture">
      <p>{said}</p>
      <div
        class="field-canvas"
        role="img"
        tabIndex={0}
        aria-label={w.fieldOver(n.digits(`(${row}, ${column})`))}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => {
          const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
          const place = (share: number, count: number): number =>
            Math.min(count - 1, Math.max(0, Math.floor(share * count)));
          setAt([
            place((event.clientY - top) / height, rows),
            place((event.clientX - left) / width, columns),
          ]);
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <p class="note">{w.fieldMove}</p>
    </div>
  );
}
