// A model from a file as a session, and what it is fed.
import { createSession, foldBatchNorm, fuseActivation, toInference, type Session, type Tensor } from "sabok";
import { UsageError } from "./command.ts";
import { drawnFeeds, readTensorFile, type ModelFile } from "./modelFiles.ts";

/** A session over the model's own shapes. `whole` leaves every layer as it is: nothing folded, nothing fused. */
export async function compileGraph(
  { graph, weights }: Pick<ModelFile, "graph" | "weights">,
  threads: number,
  whole = false,
): Promise<Session> {
  const inference = toInference(graph);
  const folded = whole ? { graph: inference, weights } : foldBatchNorm(inference, weights);
  const session = await createSession(whole ? folded.graph : fuseActivation(folded.graph), { threads });
  session.setStates(folded.weights);
  return session;
}

/** One tensor an input, from files in the order of the inputs; drawn where there are none. */
export async function readFeeds(model: ModelFile, files: readonly string[]): Promise<Record<string, Tensor>> {
  const { inputs } = model.graph;
  const names = Object.keys(inputs);
  if (files.length === 0) return drawnFeeds(model.graph);
  if (files.length !== names.length)
    throw new UsageError(
      `The model has ${names.length} inputs (${names.join(", ")}), but ${files.length} files are given.`,
    );
  const feeds: Record<string, Tensor> = {};
  for (const [i, name] of names.entries())
    feeds[name] = await readTensorFile(files[i]!, inputs[name]!.type.shape, model.metadata);
  return feeds;
}
