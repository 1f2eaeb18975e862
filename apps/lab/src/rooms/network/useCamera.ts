// The part of the picture that is shown: moved by dragging, wheel, pinch and keys, set on the SVG's viewBox without rendering.
import { signal, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";

export interface Box {
  /** Centre and half sides, in the picture's units. */
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const [leastScale, mostScale] = [0.12, 2.5];
/** Below this many pixels a unit, text is not readable and not drawn. */
const farScale = 0.42;
/** The scale at which a picture larger than its frame begins: readable. */
const readableScale = 0.8;

/**
 * A picture of so many nodes is moved as one image while it is under the hand, which every machine does in time, and drawn
 * anew when the hand has rested for so many milliseconds.
 */
const imageFrom = 100;
const settled = 140;

export class Camera {
  private readonly tooFar = signal(false);
  /** Whether the text of nodes would be too small to read. */
  readonly far: ReadonlySignal<boolean> = this.tooFar;
  private svg: SVGSVGElement | null = null;
  private frame: Size = { width: 1, height: 1 };
  private picture: Size = { width: 1, height: 1 };
  private x = 0;
  private y = 0;
  private scale = 1;
  private moved = false;
  /** What the viewBox says. */
  private drawn = { x: 0, y: 0, scale: 1 };
  private near: Box | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private tellNear: ((near: Box) => void) | undefined;

  /** Calls back with the surroundings of what is shown, when it has come near their edge. */
  onNear(tell: (near: Box) => void): () => void {
    this.tellNear = tell;
    return () => (this.tellNear = undefined);
  }

  place(svg: SVGSVGElement | null, frame: Size, picture: Size): void {
    const other = picture.width !== this.picture.width || picture.height !== this.picture.height;
    this.svg = svg;
    this.frame = frame;
    this.picture = picture;
    if (other || !this.moved) this.start();
    else this.apply();
  }

  /** Shows everything. */
  fit(): void {
    this.scale = this.fitting();
    this.x = this.picture.width / 2;
    this.y = this.picture.height / 2;
    this.moved = false;
    this.apply();
  }

  zoom(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const scale = Math.min(mostScale, Math.max(Math.min(leastScale, this.fitting()), this.scale * factor));
    if (at) {
      const [px, py] = [
        (at.x - this.frame.width / 2) / this.scale,
        (at.y - this.frame.height / 2) / this.scale,
      ];
      this.x += px - (px * this.scale) / scale;
      this.y += py - (py * this.scale) / scale;
    }
    this.scale = scale;
    this.moved = true;
    this.apply(this.isHurried());
  }

  /** Moves by so many pixels of the page. */
  move(dx: number, dy: number): void {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.moved = true;
    this.apply(this.isHurried());
  }

  /** Brings a place of the picture into view, if it is not. */
  reveal({ x, y }: { readonly x: number; readonly y: number }): void {
    const [halfWidth, halfHeight] = [this.frame.width / this.scale / 2, this.frame.height / this.scale / 2];
    const inner = (half: number, keep: number): number => Math.max(0, half - keep);
    const clamp = (centre: number, target: number, reach: number): number =>
      Math.min(target + reach, Math.max(target - reach, centre));
    this.x = clamp(this.x, x, inner(halfWidth, 110));
    this.y = clamp(this.y, y, inner(halfHeight, 40));
    this.apply();
  }

  /** Whether to move the picture as one image for now. */
  private isHurried(): boolean {
    return this.svg !== null && this.svg.querySelectorAll("g.node").length >= imageFrom;
  }

  private fitting(): number {
    return Math.min(1.25, this.frame.width / this.picture.width, this.frame.height / this.picture.height);
  }

  /** All of it where that is readable; else its beginning, as large as the frame is wide. */
  private start(): void {
    this.moved = false;
    if (this.fitting() >= 0.6) return this.fit();
    this.scale = Math.min(1, Math.max(readableScale, this.frame.width / this.picture.width));
    this.x = Math.min(this.picture.width / 2, this.frame.width / this.scale / 2);
    this.y = Math.min(this.picture.height / 2, this.frame.height / this.scale / 2);
    this.apply();
  }

  private apply(asImage = false): void {
    const { frame, picture, scale, svg } = this;
    this.x = Math.min(picture.width, Math.max(0, this.x));
    this.y = Math.min(picture.height, Math.max(0, this.y));
    clearTimeout(this.settling);
    if (asImage && svg) {
      const { drawn } = this;
      const [dx, dy] = [(drawn.x - this.x) * scale, (drawn.y - this.y) * scale];
      svg.style.transform = `translate(${dx}px, ${dy}px) scale(${scale / drawn.scale})`;
      this.settling = setTimeout(() => this.apply(), settled);
      return;
    }
    const [width, height] = [frame.width / scale, frame.height / scale];
    if (svg) svg.style.transform = "";
    svg?.setAttribute("viewBox", `${this.x - width / 2} ${this.y - height / 2} ${width} ${height}`);
    this.drawn = { x: this.x, y: this.y, scale };
    this.tooFar.value = scale < farScale;
    const { near } = this;
    const inside =
      near &&
      Math.abs(this.x - near.x) + width / 2 < near.halfWidth - 120 &&
      Math.abs(this.y - near.y) + height / 2 < near.halfHeight - 60;
    if (inside) return;
    this.near = { x: this.x, y: this.y, halfWidth: width * 1.2 + 300, halfHeight: height * 1.2 + 300 };
    this.tellNear?.(this.near);
  }
}

/** A camera on an SVG, listening to wheel, drag and pinch. */
export function useCamera(
  svg: RefObject<SVGSVGElement | null>,
  frame: Size | undefined,
  picture: Size | undefined,
): Camera {
  const camera = useMemo(() => new Camera(), []);
  useLayoutEffect(() => {
    if (frame && picture) camera.place(svg.current, frame, picture);
  }, [frame, picture]);
  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    return listen(element, camera);
  }, []);
  return camera;
}

function listen(element: SVGSVGElement, camera: Camera): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let dragged = false;
  const local = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = element.parentElement!.getBoundingClientRect(); // the picture itself may be moved
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    camera.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), local(event));
  };
  const down = (event: PointerEvent): void => {
    pointers.set(event.pointerId, local(event));
    dragged = false;
  };
  const move = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    if (!dragged && Math.hypot(now.x - before.x, now.y - before.y) < 4) return;
    if (!dragged) element.setPointerCapture(event.pointerId);
    dragged = true;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const [was, is] = [before, now].map((point) => Math.hypot(point.x - other.x, point.y - other.y)) as [
        number,
        number,
      ];
      if (was > 0) camera.zoom(is / was, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else camera.move(now.x - before.x, now.y - before.y);
    pointers.set(event.pointerId, now);
  };
  const up = (event: PointerEvent): void => void pointers.delete(event.pointerId);
  // The click that ends a drag is none.
  const click = (event: MouseEvent): void => {
    if (dragged) event.stopPropagation();
    dragged = false;
  };
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("click", click, { capture: true });
  return () => {
    element.removeEventListener("wheel", wheel);
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("click", click, { capture: true });
  };
}
