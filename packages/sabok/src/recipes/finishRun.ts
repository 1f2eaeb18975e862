// The end of a run: test once, fold, check, write the model and the report.
import type { Dataset } from "../data/index.ts";
import { evaluationBatches } from "../data/index.ts";
import { layerTable } from "../analysis/index.ts";
import { toOnnx, writeModelJson, writeSafetensors } from "../onnx/index.ts";
import { fitReport } from "../report/index.ts";
import {
  createEvaluationSession,
  evaluateClassifier,
  type Evaluation,
  type FitResult,
} from "../train/index.ts";
import type { RunRecord } from "./checkpoint.ts";
import { describeOptions } from "./describeOptions.ts";
import { checkFolding, foldedNetwork, type FoldingCheck } from "./foldedNetwork.ts";
import { runFiles, type RunStore } from "./runStore.ts";

export interface FinishedRun {
  readonly record: RunRecord;
  readonly history: FitResult["history"];
  /** The test split with the kept weights. */
  readonly test: Evaluation;
  readonly folding: FoldingCheck;
  /** What computed the numbers, with the SIMD level. */
  readonly backend: string;
  /** The whole run, reading the images and interruptions' lost work included. */
  readonly seconds: number;
  /** The files written, with their sizes in bytes. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** Tests the kept weights on the test split, folds batch norm, and writes model and report. */
export async function finishRun(
  { network, history, statistics, backend }: FitResult,
  dataset: Dataset,
  record: RunRecord,
  store: RunStore,
  { elapsed, threads }: { readonly elapsed: () => number; readonly threads: number },
): Promise<FinishedRun> {
  const classes = dataset.classes.length;
  const { batch } = record.options;
  const split = { classes, statistics };
  const session = await createEvaluationSession(network.graph, batch, { threads });
  session.setStates(network.weights);
  const test = await evaluateClassifier(session, evaluationBatches(dataset.test, { batch, ...split }));
  session.close();
  const folded = foldedNetwork(network);
  const folding = await checkFolding(network, folded, dataset.test, split);

  const files: { name: string; bytes: number }[] = [];
  const write = async (name: string, content: Uint8Array | string): Promise<void> => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await store.write(name, bytes);
    files.push({ name, bytes: bytes.length });
  };
  const accuracy = { testAccuracy: String(test.accuracy) };
  const metadata = { ...record.model, properties: { ...record.model.properties, ...accuracy } };
  await write(runFiles.onnx, toOnnx(folded.graph, folded.weights, { metadata }));
  await write(runFiles.weights, writeSafetensors(network.weights));
  await write(runFiles.graph, writeModelJson(network.graph, metadata));

  const { mean, std } = statistics;
  const { provenance, network: chosen, options, source } = record;
  const table = layerTable(network.graph);
  const seconds = elapsed();
  const report = await fitReport({
    date: new Date().toISOString().slice(0, 10),
    version: provenance.version,
    command: provenance.command,
    options: describeOptions(options, source, record.transfer),
    seed: options.seed,
    backend,
    seconds,
    data: {
      name: dataset.name,
      source: dataset.source,
      classes: dataset.classes,
      counts: {
        train: dataset.train.indices.length,
        validation: dataset.validation.indices.length,
        test: dataset.test.indices.length,
      },
      statistics: { mean, std },
    },
    model: {
      name: chosen.description,
      params: chosen.parameters,
      macs: chosen.macs,
      ...(chosen.budget !== undefined && { budget: chosen.budget }),
      layers: table.rows.map(({ name, op, shape, parameters, macs }) => ({
        name,
        op,
        output: shape,
        params: parameters,
        macs,
      })),
      folder: store.name,
    },
    history,
    test,
    testImages: dataset.test.images,
    folding,
  });
  await write(runFiles.report, report);
  return { record, history, test, folding, backend, seconds, files };
}
