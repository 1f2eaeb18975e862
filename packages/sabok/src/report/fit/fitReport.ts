// The page of one `sabok fit` run: what was reached, how training went, where the network errs, what it costs, how to use it.
import { formatShape, type Shape } from "../../core/index.ts";
import { html } from "../html.ts";
import { page } from "../page.ts";
import { loadPlotting } from "../plot.ts";
import type { Picture } from "../png.ts";
import { confusionSection } from "./confusionSection.ts";
import { curvesSection } from "./curvesSection.ts";
import { headlineSection } from "./headlineSection.ts";
import { layersSection } from "./layersSection.ts";
import { mistakesSection } from "./mistakesSection.ts";
import { reproduceSection } from "./reproduceSection.ts";
import { useSection } from "./useSection.ts";

/** Everything the page says: plain data, as training and evaluation give it. */
export interface FitReport {
  /** As it is to be printed. */
  readonly date: string;
  /** Sabok's version. */
  readonly version: string;
  /** The command line as it was typed. */
  readonly command: string;
  /** Every option with the value that was used, defaults too. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly seed: number;
  /** What computed the numbers, with the SIMD level: "wasm, relaxed-simd, 1 thread". */
  readonly backend: string;
  /** The whole run, from the first image read to the last file written. */
  readonly seconds: number;
  readonly data: FitData;
  readonly model: FitModel;
  readonly history: readonly FitEpoch[];
  /** The test split with the kept weights. */
  readonly test: FitTest;
  /** The images that `test.predictions` index. */
  readonly testImages: PictureSet;
  readonly folding: FoldingCheck;
}

export interface FitData {
  readonly name: string;
  /** One line that says where the images came from. */
  readonly source: string;
  readonly classes: readonly string[];
  /** Images in each split. */
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  /** By channel, in units where a pixel of 255 is 1: the normalisation the network expects. */
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] };
}

export interface FitModel {
  /** "mobilenet_v3_small, width 0.5". */
  readonly name: string;
  readonly params: number;
  /** Of one image. */
  readonly macs: number;
  /** The most MACs that were allowed, where there was a budget. */
  readonly budget?: number;
  readonly layers: readonly LayerRow[];
  /** The run's folder, as a command would name it: "runs/first". */
  readonly folder: string;
}

export interface LayerRow {
  readonly name: string;
  readonly op: string;
  /** The output of one image, [C,H,W]. */
  readonly output: Shape;
  readonly params: number;
  readonly macs: number;
}

/** One epoch, as train's EpochMetrics. */
export interface FitEpoch {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validation?: { readonly loss: number; readonly accuracy: number };
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly seconds: number;
}

/** A test, as train's Evaluation. */
export interface FitTest {
  readonly count: number;
  readonly accuracy: number;
  readonly loss: number;
  /** confusion[actual][predicted]: image counts. */
  readonly confusion: readonly (readonly number[])[];
  readonly predictions: readonly {
    readonly index: number;
    readonly actual: number;
    readonly predicted: number;
    readonly confidence: number;
  }[];
}

/** Decoded images, as data's ImageSet: pixels [count, channels, height, width], 0 to 255. */
export interface PictureSet extends Picture {
  /** Where every image came from, when each has a file of its own. */
  readonly files?: readonly string[];
}

/** How far the network with folded batch norms is from the one that was trained. */
export interface FoldingCheck {
  /** Batch norms folded away. */
  readonly layers: number;
  /** Real images that both were run on. */
  readonly images: number;
  /** The largest |folded − unfolded| among the logits. */
  readonly largestDifference: number;
  /** The largest |logit|, to judge the difference by. */
  readonly largestLogit: number;
}

/** The report as one self-contained HTML document. `document` is where plots are drawn; see loadPlotting. */
export async function fitReport(report: FitReport, document?: Document): Promise<string> {
  const plotting = await loadPlotting(document);
  const { channels, height, width } = report.testImages;
  return page({
    title: `${report.model.name} on ${report.data.name}`,
    lang: "en",
    lead: html`<p class="muted">
      A network trained by sabok ${report.version} · ${report.date} · input
      ${formatShape([channels, height, width])}, ${report.data.classes.length} classes
    </p>`,
    sections: [
      headlineSection(report),
      curvesSection(plotting, report),
      confusionSection(plotting, report),
      await mistakesSection(report),
      layersSection(report),
      useSection(report),
      reproduceSection(report),
    ],
    footer: html`Written by sabok ${report.version}, ${report.date}. This page needs no network: save it,
    print it, send it.`,
  });
}
