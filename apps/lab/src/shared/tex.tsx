// Formulas, and Markdown with formulas in it, by KaTeX and marked; both are loaded when the first one is shown.
import { useEffect, useState } from "preact/hooks";
import { loadTextWriter, type TextWriter } from "sabok/report";

let loading: Promise<TextWriter> | undefined;
let loaded: TextWriter | undefined;

function loadWriter(): Promise<TextWriter> {
  return (loading ??= loadTextWriter().then((writer) => {
    const style = document.createElement("style");
    style.textContent = writer.style;
    document.head.append(style);
    return (loaded = writer);
  }));
}

function useWriter(): TextWriter | undefined {
  const [writer, setWriter] = useState(loaded);
  useEffect(() => {
    let gone = false;
    if (!writer) void loadWriter().then((ready) => gone || setWriter(ready));
    return () => void (gone = true);
  }, []);
  return writer;
}

/** A formula in TeX; shown as its source until KaTeX is there. `display` gives it a line of its own. */
export function Tex({ tex, display = false }: { readonly tex: string; readonly display?: boolean }) {
  const writer = useWriter();
  if (!writer) return <code dir="ltr">{tex}</code>;
  const markup = display ? writer.formula(tex).markup : writer.line(`$${tex}$`).markup;
  return display ? (
    <div dangerouslySetInnerHTML={{ __html: markup }} />
  ) : (
    <span dangerouslySetInnerHTML={{ __html: markup }} />
  );
}

/** Markdown of the project's own (never a user's) with `$…$` and `$$…$$`. */
export function Prose({ text, inline = false }: { readonly text: string; readonly inline?: boolean }) {
  const writer = useWriter();
  if (!writer) return inline ? <span>{text}</span> : <p>{text}</p>;
  return inline ? (
    <span class="prose" dangerouslySetInnerHTML={{ __html: writer.line(text).markup }} />
  ) : (
    <div class="prose" dangerouslySetInnerHTML={{ __html: writer.text(text).markup }} />
  );
}
