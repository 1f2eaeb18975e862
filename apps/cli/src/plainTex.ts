// Formulas for a terminal: TeX becomes a line of characters, as far as one line can say it.

/** `$m=8$` within a sentence as characters a terminal has. */
export function plainFormulas(text: string): string {
  return text
    .replaceAll(/\$([^$]+)\$/g, (_, tex: string) => plainTex(tex))
    .replaceAll(/\*\*?([^*]+)\*\*?/g, "$1");
}

const symbols: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  Delta: "Δ",
  varepsilon: "ε",
  epsilon: "ε",
  mu: "μ",
  sigma: "σ",
  rho: "ρ",
  pi: "π",
  lambda: "λ",
  theta: "θ",
  times: "×",
  cdot: "·",
  le: "≤",
  ge: "≥",
  ne: "≠",
  approx: "≈",
  sum: "Σ",
  prod: "Π",
  infty: "∞",
  to: "→",
  leftarrow: "←",
  in: "∈",
  partial: "∂",
  nabla: "∇",
  top: "T",
  quad: "  ",
  qquad: "   ",
  pm: "±",
  mp: "∓",
  ldots: "…",
  dots: "…",
  cdots: "…",
  star: "⋆",
  odot: "⊙",
  circ: "∘",
  mid: "|",
  langle: "⟨",
  rangle: "⟩",
  lfloor: "⌊",
  rfloor: "⌋",
  lceil: "⌈",
  rceil: "⌉",
  eta: "η",
  phi: "φ",
  ell: "ℓ",
  propto: "∝",
  tau: "τ",
};

/** TeX as one readable line: symbols for macros, a/b for fractions, braces gone. */
export function plainTex(tex: string): string {
  let text = tex
    .replaceAll(/\\(?:left|right|Bigl|Bigr|bigl|bigr|Big|big|displaystyle|textstyle|limits)\b/g, "")
    .replaceAll(/\\([A-Za-z]+)/g, (macro, name: string) => symbols[name] ?? macro);
  const group = String.raw`\{((?:[^{}]|\{[^{}]*\})*)\}`;
  for (let pass = 0; pass < 4; pass++)
    text = text
      .replaceAll(
        new RegExp(String.raw`\\[dt]?frac${group}${group}`, "g"),
        (_, a: string, b: string) => `${bracketed(a)}/${bracketed(b)}`,
      )
      .replaceAll(/\\[dt]?frac\s*([^\s{}])(?=[^\s}])/g, "\\frac{$1}")
      .replaceAll(new RegExp(String.raw`\\[dt]?frac${group}\s*([^\s{}])`, "g"), "\\frac{$1}{$2}")
      .replaceAll(new RegExp(String.raw`\\sqrt${group}`, "g"), (_, a: string) => `√(${a})`)
      .replaceAll(
        new RegExp(String.raw`\\(?:hat|tilde|overline|bar|widehat)(?:${group}|\s*([^\s{}]))`, "g"),
        (all: string, a?: string, b?: string) =>
          /hat/.test(all.slice(0, 8)) ? `${a ?? b}̂` : `mean(${a ?? b})`,
      )
      .replaceAll(
        new RegExp(String.raw`\\(?:text|mathrm|mathbf|operatorname|mathcal|boldsymbol|mathbb)${group}`, "g"),
        "$1",
      );
  return text
    .replaceAll(/\\([A-Za-z]+)/g, "$1")
    .replaceAll(/\\[,;:! ]/g, " ")
    .replaceAll("\\\\", "; ")
    .replaceAll(/\^\{?2\}?(?!\w)/g, "²")
    .replaceAll(/\{([^{}]*)\}/g, (_, inner: string) => (inner.length > 1 ? `(${inner})` : inner))
    .replaceAll(/[{}&]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function bracketed(text: string): string {
  return text.trim().length === 1 ? text : `(${text})`;
}
