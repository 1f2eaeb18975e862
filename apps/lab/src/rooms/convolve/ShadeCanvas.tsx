// A map as a picture of shades, with a window over it; pointing at it gives the place.
import { useEffect, useRef } from "preact/hooks";

export interface ShadeCanvasProps {
  /** Its text alternative. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
  /** The window, in cells, and whether it is the one that moves or what it makes. */
  readonly frame:
    | { readonly row: number; readonly column: number; readonly span: number; readonly kind: string }
    | undefined;
  readonly onPoint: (row: number, column: number) => void;
}

export function ShadeCanvas({ label, width, height, values, frame, onPoint }: ShadeCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    context.putImageData(new ImageData(shadesOf(values), width, height), 0, 0);
  }, [values, width, height]);
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    onPoint(Math.min(height - 1, Math.max(0, row)), Math.min(width - 1, Math.max(0, column)));
  };
  return (
    <div
      class="shades"
      style={`aspect-ratio:${width}/${height}`}
      onPointerMove={(event) => (event.pointerType === "mouse" || event.buttons > 0) && point(event)}
      onPointerDown={(event) => {
        if (event.pointerType === "touch") event.currentTarget.setPointerCapture(event.pointerId);
        point(event);
      }}
    >
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />
      {frame && (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <rect
            class={`over ${frame.kind}`}
            x={frame.column}
            y={frame.row}
            width={frame.span}
            height={frame.span}
          />
        </svg>
      )}
    </div>
  );
}

/** Shades of values: from the least to the largest, or about grey where there are negative ones. */
export function shadesOf(values: ArrayLike<number>): Uint8ClampedArray<ArrayBuffer> {
  const [least, most] = rangeOf(values);
  const signed = least < -1e-9;
  const [from, to] = signed
    ? [-Math.max(-least, most), Math.max(-least, most)]
    : [Math.min(0, least), Math.max(1e-9, most)];
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let at = 0; at < values.length; at++) {
    const shade = (255 * (values[at]! - from)) / (to - from);
    pixels.fill(shade, 4 * at, 4 * at + 3);
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

/** The least and the largest value. */
export function rangeOf(values: ArrayLike<number>): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    least = Math.min(least, values[at]!);
    most = Math.max(most, values[at]!);
  }
  return [least, most];
}
