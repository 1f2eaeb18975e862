// The page builder: what the rooms above, and `sabok/report`, may use. It runs in Node and in browsers.
export { codeBlock } from "./codeBlock.ts";
export { figure, legend, type Figure } from "./figure.ts";
export {
  fitReport,
  type FitData,
  type FitEpoch,
  type FitModel,
  type FitReport,
  type FitTest,
  type FoldingCheck,
  type LayerRow,
  type PictureSet,
} from "./fit/fitReport.ts";
export { loadTextWriter, type TextWriter } from "./formulas.ts";
export { html, trustedMarkup, type Html, type HtmlPart } from "./html.ts";
export {
  directionOf,
  numberWriter,
  wordsOf,
  type Direction,
  type Language,
  type NumberWriter,
  type Words,
} from "./language.ts";
export { languageStyle } from "./languageStyle.ts";
export { lineLegend, linePlot, type LineAxis, type LinePlot, type Series } from "./linePlot.ts";
export { page, type Page, type Section } from "./page.ts";
export { loadPlotting, renderPlot, type PlotPicture, type Plotting } from "./plot.ts";
export { encodePng, pngDataUri, type Picture } from "./png.ts";
export { barList, table, type Bar, type Column, type Table } from "./table.ts";
