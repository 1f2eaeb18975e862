// The width of an element, followed as the page changes.
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

/** A ref to put on an element and its width in whole pixels; 0 until it is known. */
export function useWidth<T extends HTMLElement>(): readonly [RefObject<T | null>, ReadonlySignal<number>] {
  const ref = useRef<T>(null);
  const width = useSignal(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => (width.value = Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
