// The lint and the memory of a network: what may take longer than a frame or two.
import { SabokError } from "sabok";
import { fieldsOf, inferenceMemory, lint, trainingMemory } from "sabok/analysis";
import type { JobContext } from "../job.ts";
import { openNetwork } from "../network/networks.ts";
import { keyOf, type NetworkSpec } from "../network/spec.ts";
import type { InspectionView } from "../network/view.ts";

export async function inspectNetwork(spec: NetworkSpec, context: JobContext<never>): Promise<InspectionView> {
  const network = openNetwork(spec);
  const { graph, trained } = network;
  await context.breathe();
  const fields = fieldsOf(graph);
  const findings = lint(graph, fields, trained ? { weights: network.weights } : {});
  await context.breathe();
  const inference = inferenceMemory(fields.graph).bytes;
  await context.breathe();
  return { key: keyOf(spec), lint: findings, inference, training: trainingBytes(graph) };
}

function trainingBytes(graph: Parameters<typeof trainingMemory>[0]): number | null {
  try {
    return trainingMemory(graph, 32).bytes;
  } catch (error) {
    if (error instanceof SabokError) return null;
    throw error;
  }
}
