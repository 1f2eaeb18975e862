// Whether the pointer itself moved: when a page scrolls under a mouse at rest the browser sends a move as well, and that must
// not take away what the keyboard points at.

let last = { x: NaN, y: NaN };
let moved = false;

addEventListener(
  "pointermove",
  ({ clientX: x, clientY: y }) => {
    moved = x !== last.x || y !== last.y;
    last = { x, y };
  },
  { capture: true, passive: true },
);

/** Asked in a handler of "pointermove": is it a mouse or a pen, and did it move? */
export function pointerMoved(event: PointerEvent): boolean {
  return event.pointerType !== "touch" && moved;
}
