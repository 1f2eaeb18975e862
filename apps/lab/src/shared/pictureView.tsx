// A picture on a canvas, at whole multiples of its pixels or at the given width.
import { useEffect, useRef } from "preact/hooks";
import { imageData, type Picture } from "./picture.ts";

export interface PictureViewProps {
  readonly picture: Picture;
  /** What it shows: its text alternative. */
  readonly label: string;
  /** Width on the page in pixels; default: as wide as its frame. */
  readonly size?: number;
  readonly class?: string;
}

export function PictureView({ picture, label, size, class: extra }: PictureViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    element.width = picture.width;
    element.height = picture.height;
    element.getContext("2d", { willReadFrequently: true })!.putImageData(imageData(picture), 0, 0);
  }, [picture]);
  const style = size === undefined ? "inline-size:100%" : `inline-size:${size}px`;
  return (
    <canvas
      ref={canvas}
      class={extra}
      role="img"
      aria-label={label}
      style={`display:block;max-inline-size:100%;image-rendering:pixelated;${style}`}
    />
  );
}
