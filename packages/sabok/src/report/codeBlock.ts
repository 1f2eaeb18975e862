// Code to copy: the button appears only where its script runs.
import { html, type Html } from "./html.ts";
import { wordsOf, type Language } from "./language.ts";

/** A block of code with a copy button; `label` names the block to those who cannot see it. */
export function codeBlock(lang: Language, label: string, code: string): Html {
  const { copy, copied } = wordsOf(lang);
  return html`<div class="code" dir="ltr">
    <button type="button" class="copy" aria-live="polite" data-copied="${copied}" hidden>
      <span>${copy}</span><span class="unseen">: ${label}</span>
    </button>
    <pre tabindex="0" role="group" aria-label="${label}"><code>${code}</code></pre>
  </div> `;
}
