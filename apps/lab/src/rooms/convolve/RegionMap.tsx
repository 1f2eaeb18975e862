// The feature map under a box that is dragged by mouse, touch or keyboard, with the points that are read.
import { useRef } from "preact/hooks";
import { useNumbers, useWords } from "../../shared/words.ts";
import { corners, imageSize, movedBox, resizedBox, stepOfKey, type Box, type Corner } from "./box.ts";
import { convolveWords } from "./words.ts";

export interface RegionMapProps {
  readonly size: number;
  readonly map: ArrayLike<number>;
  readonly box: Box;
  readonly bins: number;
  /** (column, row) of each point, cell centres being whole numbers; none where a reading has no points. */
  readonly points: ArrayLike<number>;
  readonly counted: ArrayLike<number>;
  /** Points along each axis. */
  readonly side: number;
  /** The weight of each cell in what is pointed at. */
  readonly weights: ArrayLike<number> | undefined;
  /** The bin that is pointed at. */
  readonly bin: number | undefined;
  /** The box that RoIPool rounds to, in cells: left, top, right, bottom. */
  readonly rounded: readonly [number, number, number, number] | undefined;
  readonly onBox: (box: Box) => void;
}

/** Units of the drawing per cell. */
const unit = 40;

export function RegionMap(props: RegionMapProps) {
  const { size, map, box, bins, points, counted, side, weights, bin, rounded, onBox } = props;
  const words = useWords(convolveWords);
  const { significant } = useNumbers();
  const svg = useRef<SVGSVGElement>(null);
  const grip = useRef<{ part: Corner | "box"; x: number; y: number; from: Box } | undefined>(undefined);
  const scale = (size * unit) / imageSize;
  const [x1, y1, x2, y2] = box.map((edge) => edge * scale) as [number, number, number, number];
  const values = Array.from(map);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const heaviest = Math.max(1e-12, ...Array.from(weights ?? []));
  const perBin = side / bins;

  const drag = (part: Corner | "box") => ({
    onPointerDown(event: PointerEvent) {
      event.preventDefault();
      (event.currentTarget as SVGElement).focus();
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      grip.current = { part, x: event.clientX, y: event.clientY, from: box };
    },
    onPointerMove(event: PointerEvent) {
      const held = grip.current;
      if (held?.part !== part) return;
      const pixels = imageSize / svg.current!.getBoundingClientRect().width;
      const by = [(event.clientX - held.x) * pixels, (event.clientY - held.y) * pixels] as const;
      onBox(part === "box" ? movedBox(held.from, ...by) : resizedBox(held.from, part, ...by));
    },
    onPointerUp: () => (grip.current = undefined),
    onPointerCancel: () => (grip.current = undefined),
    onKeyDown(event: KeyboardEvent) {
      const step = stepOfKey(event.key, event.shiftKey);
      if (!step) return;
      event.preventDefault();
      onBox(part === "box" ? movedBox(box, ...step) : resizedBox(box, part, ...step));
    },
  });
  const says = words.boxSays(
    significant(box[0], 4),
    significant(box[1], 4),
    significant(box[2], 4),
    significant(box[3], 4),
  );
  return (
    <svg
      ref={svg}
      class="region-map"
      viewBox={`0 0 ${size * unit} ${size * unit}`}
      role="group"
      aria-label={words.mapLabel}
      direction="ltr"
    >
      <g aria-hidden="true">
        {values.map((value, at) => {
          const shade = most > least ? (value - least) / (most - least) : 0.5;
          const [row, column] = [Math.floor(at / size), at % size];
          return (
            <rect
              key={at}
              x={column * unit}
              y={row * unit}
              width={unit}
              height={unit}
              fill={`rgb(${[24, 26, 30].map((dark, i) => Math.round(dark + shade * ([250, 248, 240][i]! - dark))).join()})`}
            />
          );
        })}
        {weights &&
          values.map((_, at) =>
            weights[at]! > 0 ? (
              <rect
                key={at}
                class="weight"
                x={(at % size) * unit + 1}
                y={Math.floor(at / size) * unit + 1}
                width={unit - 2}
                height={unit - 2}
                style={`--share:${(weights[at]! / heaviest).toFixed(3)}`}
              />
            ) : null,
          )}
        {Array.from({ length: bins - 1 }, (_, i) => {
          const [x, y] = [x1 + ((i + 1) * (x2 - x1)) / bins, y1 + ((i + 1) * (y2 - y1)) / bins];
          return (
            <g class="bin-lines" key={i}>
              <line x1={x} x2={x} y1={y1} y2={y2} />
              <line x1={x1} x2={x2} y1={y} y2={y} />
            </g>
          );
        })}
        {rounded && (
          <rect
            class="rounded-box"
            x={rounded[0] * unit}
            y={rounded[1] * unit}
            width={(rounded[2] - rounded[0]) * unit}
            height={(rounded[3] - rounded[1]) * unit}
          />
        )}
        {Array.from({ length: points.length / 2 }, (_, i) => {
          const own = Math.floor(Math.floor(i / side) / perBin) * bins + Math.floor((i % side) / perBin);
          return (
            <circle
              key={i}
              class={`point ${counted[i] === 0 ? "outside" : ""} ${bin === undefined || own === bin ? "" : "faint"}`}
              cx={(points[2 * i]! + 0.5) * unit}
              cy={(points[2 * i + 1]! + 0.5) * unit}
              r={size * 0.55}
            />
          );
        })}
      </g>
      <rect
        class="box"
        x={x1}
        y={y1}
        width={x2 - x1}
        height={y2 - y1}
        tabindex={0}
        role="button"
        aria-label={`${words.boxName} ${says}`}
        {...drag("box")}
      />
      {corners.map((corner) => (
        <circle
          key={corner}
          class={`grip ${corner}`}
          cx={corner.endsWith("w") ? x1 : x2}
          cy={corner.startsWith("n") ? y1 : y2}
          r={size * 1.1}
          tabindex={0}
          role="button"
          aria-label={words.cornerName[corner]}
          {...drag(corner)}
        />
      ))}
    </svg>
  );
}
