// Every option of a run as the command line names it, for the report and for --json.
import type { FitOptions } from "../train/index.ts";
import type { DataSource } from "./checkpoint.ts";
import type { TransferRecord } from "./startFrom.ts";

/** Options by flag, with the values that were used, defaults too. */
export function describeOptions(
  options: FitOptions,
  source: DataSource,
  transfer?: Pick<TransferRecord, "from" | "freeze">,
): Record<string, string | number | boolean> {
  const {
    epochs,
    batch,
    optimizer,
    learningRate,
    warmupEpochs,
    smoothing,
    averageDecay,
    augmentation,
    seed,
  } = options;
  const { shift = 0, flip = false, mixup = 0 } = augmentation;
  const { size, validation, dataDir, skipBad } = source;
  return {
    ...(transfer && { "--from": transfer.from, "--freeze": transfer.freeze }),
    "--epochs": epochs,
    "--batch": batch,
    "--optimizer": optimizer.kind,
    "--lr": learningRate,
    "--weight-decay": optimizer.weightDecay,
    "--warmup": warmupEpochs,
    "--smoothing": smoothing,
    "--ema": averageDecay,
    "--shift": shift,
    "--flip": flip,
    "--mixup": mixup,
    "--seed": seed,
    ...(size !== undefined && { "--size": size }),
    ...(validation !== undefined && { "--val": validation }),
    ...(dataDir !== undefined && { "--data-dir": dataDir }),
    ...(skipBad && { "--skip-bad": true }),
  };
}
