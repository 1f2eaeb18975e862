// The one style sheet. Colours are variables with a light and a dark value, so that plots made once fit both; print is light.
// Series colours follow Okabe and Ito (2008), darkened or lightened until each has a contrast of 3:1 with the page.

const light = `
  --page: #ffffff; --panel: #f5f7f9; --text: #1b1f24; --muted: #56606b; --line: #d5dbe1; --accent: #0a5ea8;
  --series-1: #0063a3; --series-2: #c2480a; --series-3: #00795a; --series-4: #9c4f8a; --series-5: #866700; --series-6: #545b63;
  --bar-1: #c3ddf3; --bar-2: #f6d3b3;
  --right-1: #e3eef9; --right-2: #bcd7ef; --right-3: #86b6df; --right-4: #2b72b5; --right-5: #0b4a8a;
  --wrong-1: #fdeedd; --wrong-2: #fbd2a6; --wrong-3: #f0a25a; --wrong-4: #b4530b; --wrong-5: #7a3203;
  --on-pale: #1b1f24; --on-deep: #ffffff;`;

const dark = `
  --page: #14181c; --panel: #1d2328; --text: #e7eaed; --muted: #a2acb6; --line: #353d45; --accent: #74b9f5;
  --series-1: #5ab4f0; --series-2: #f0944d; --series-3: #3cc49a; --series-4: #d992c4; --series-5: #dcc04a; --series-6: #aeb6be;
  --bar-1: #1f4a70; --bar-2: #6a4114;
  --right-1: #172c40; --right-2: #1c4469; --right-3: #28639a; --right-4: #6fb2ec; --right-5: #b9dcfb;
  --wrong-1: #35250f; --wrong-2: #5c3910; --wrong-3: #8c520e; --wrong-4: #f0a050; --wrong-5: #fbd9ae;
  --on-pale: #e7eaed; --on-deep: #14181c;`;

export const pageStyle = `
:root { color-scheme: light dark;${light} }
@media screen and (prefers-color-scheme: dark) { :root {${dark} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 78rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Vazirmatn", Tahoma, sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (min-width: 48rem) { body { padding: 2.5rem 2.5rem 4rem; } }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2.25rem); line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 .75rem; }
h3 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem; }
p { margin: 0 0 .75rem; max-width: 46rem; overflow-wrap: break-word; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; top: .5rem; background: var(--page); padding: .5rem 1rem; z-index: 2; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.muted, figcaption, .note { color: var(--muted); }
section { margin-top: 2.25rem; padding-top: 1.75rem; border-top: 1px solid var(--line); }
footer { margin-top: 3rem; color: var(--muted); font-size: .875rem; }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; }

.tiles { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem; margin: 0 0 1.25rem; }
@media (min-width: 48rem) { .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
.tiles > div { background: var(--panel); border-radius: .5rem; padding: .75rem .875rem; display: flex; flex-direction: column; }
.tiles dt { color: var(--muted); font-size: .875rem; }
.tiles dd { margin: 0; }
.tiles .number { font-size: clamp(1.25rem, 1rem + 1vw, 1.75rem); font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.tiles .note { font-size: .8125rem; line-height: 1.4; }

.scroll { position: relative; overflow-x: auto; max-width: 100%; margin: 0 0 1rem; }
table { border-collapse: collapse; font-size: .875rem; }
table:has(.numeric) { width: max-content; }
td code { white-space: nowrap; }
caption { text-align: start; color: var(--muted); padding: 0 0 .5rem; max-width: min(46rem, 100vw - 2rem); }
th, td { text-align: start; vertical-align: baseline; padding: .3rem .75rem; border-bottom: 1px solid var(--line); font-weight: 400; }
@media (max-width: 30rem) { th, td { padding-inline: .5rem; } }
th:first-child { padding-inline-start: .25rem; position: sticky; inset-inline-start: 0; background: var(--page); max-width: 42vw; overflow-wrap: break-word; }
thead th { font-weight: 600; vertical-align: bottom; }
tfoot th, tfoot td { font-weight: 600; border-top: 2px solid var(--line); border-bottom: 0; }
.numeric { text-align: end; white-space: nowrap; }
.bar { print-color-adjust: exact; -webkit-print-color-adjust: exact;
  background: linear-gradient(to right, var(--bar) var(--share), transparent 0) no-repeat 0 50% / 100% 100%; }
[dir=rtl] .bar { background-image: linear-gradient(to left, var(--bar) var(--share), transparent 0); background-position-x: 100%; }
td.bar { padding-inline-start: 7rem; background-size: 6.5rem calc(100% - .375rem); }
.bars { list-style: none; margin: 0 0 1rem; padding: 0; columns: 17rem; column-gap: 2rem; font-size: .875rem; }
.bars li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(9rem, 1.1fr); gap: .75rem; align-items: center; padding: .125rem 0; break-inside: avoid; }
.bars .name { text-align: match-parent; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bars .bar { border: 0; padding: .2rem .5rem; background-color: var(--panel); }

figure { margin: 0 0 1rem; }
figcaption { font-size: .875rem; margin: .5rem 0; max-width: 46rem; }
.plot { display: block; width: 100%; height: auto; direction: ltr; overflow: visible; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.plot text { white-space: pre; font-family: inherit; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem 2rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .75rem; padding: 0; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend svg { width: 2rem; height: .75rem; }
.levels { margin: 0 0 .75rem; }
.levels th, .levels td { border: 0; padding: .125rem .25rem; text-align: center; }
.levels thead th + th { font-weight: 400; white-space: nowrap; }
.levels th:first-child { text-align: start; padding-inline-start: 0; }
.swatch { display: inline-block; width: 2rem; height: 1rem; vertical-align: middle; border: 1px solid var(--line); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.beside { display: grid; gap: 1.5rem 3rem; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 60rem) { .beside { grid-template-columns: minmax(0, 1.2fr) minmax(0, 1fr); } }
.beside h3 { margin-top: 0; }
details { margin: .5rem 0 1rem; }
summary { cursor: pointer; color: var(--accent); padding: .25rem 0; }
details[open] summary { margin-bottom: .5rem; }

.pictures { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); gap: 1rem; }
@media (min-width: 48rem) { .pictures { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); } }
.pictures figure { margin: 0; }
.pictures img { display: block; width: 100%; height: auto; background: var(--panel); border: 1px solid var(--line); image-rendering: pixelated; }
.pictures figcaption { font-size: .8125rem; line-height: 1.4; margin: .375rem 0 0; overflow-wrap: anywhere; }

code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .8125rem; direction: ltr; unicode-bidi: isolate; text-align: left; }
:not(pre) > code { background: var(--panel); padding: .1rem .3rem; border-radius: .25rem; overflow-wrap: anywhere; }
.code { position: relative; margin: 0 0 1rem; }
pre { margin: 0; padding: .875rem 1rem; background: var(--panel); border-radius: .5rem; overflow-x: auto; line-height: 1.5; tab-size: 2; }
.copy { position: absolute; top: .375rem; right: .375rem; font: inherit; font-size: .8125rem; color: var(--text); background: var(--page); border: 1px solid var(--line); border-radius: .375rem; padding: .2rem .6rem; cursor: pointer; }
.copy:not([hidden]) + pre { padding-inline-end: 5rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .copy, details { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  td.bar { padding-inline-start: 4.5rem; background-size: 4rem calc(100% - .375rem); }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  section { break-inside: auto; }
  figure, .tiles > div, .pictures li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  th:first-child { position: static; }
}
`;
