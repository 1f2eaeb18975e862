// A plot by Observable Plot, which is loaded when the first one is drawn. It is drawn again when the width, the language or
// `build` changes; its colours are the theme's variables.
import type * as PlotModule from "@observablehq/plot";
import { useEffect, useRef, useState } from "preact/hooks";
import { sharedWords } from "./sharedWords.ts";
import { useWidth } from "./useWidth.ts";
import { useWords } from "./words.ts";

export interface PlotProps {
  /** What the plot shows, in words: its text alternative. */
  readonly label: string;
  readonly height: number;
  /** The plot's options for a width. Keep it between renders (`useCallback`) while its data is the same. */
  readonly build: (Plot: typeof PlotModule, width: number) => PlotModule.PlotOptions;
  /** Called after each drawing, to bind events to marks. */
  readonly onDraw?: (svg: Element) => void;
}

export function Plot({ label, height, build, onDraw }: PlotProps) {
  const words = useWords(sharedWords);
  const [frame, width] = useWidth<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const [library, setLibrary] = useState<typeof PlotModule>();
  useEffect(() => {
    let gone = false;
    void import("@observablehq/plot").then((loaded) => gone || setLibrary(loaded));
    return () => void (gone = true);
  }, []);
  const available = width.value;
  useEffect(() => {
    if (!library || !host.current || available === 0) return;
    const svg = library.plot({ height, width: available, ...build(library, available) });
    for (const part of svg.querySelectorAll("[aria-label],[aria-hidden]")) {
      part.removeAttribute("aria-label"); // the parts of an image have no names of their own
      part.removeAttribute("aria-hidden");
    }
    host.current.replaceChildren(svg);
    onDraw?.(svg);
  }, [library, available, height, build, onDraw]);
  return (
    <div class="plot-frame" ref={frame} style={`min-height:${height}px`}>
      {!library && <p class="muted">{words.drawing}</p>}
      <div ref={host} role="img" aria-label={label} dir="ltr" />
    </div>
  );
}
