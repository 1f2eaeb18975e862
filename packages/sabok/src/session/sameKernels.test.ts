// What is imported runs as what is built here: the same kernels in the same order, on the same shapes.
import { expect, test } from "vitest";
import { mobilenetV2, mobilenetV3Small, resnet18 } from "../nn/models/index.ts";
import { toOnnx } from "../onnx/index.ts";
import { foldBatchNorm, fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { compile, createSession, type Plan } from "../runtime/index.ts";
import { bytesSource } from "./modelSource.ts";
import { readModel } from "./readModel.ts";

/** Kernel, units and the value's shape of every step. */
function stepsOf({ steps }: Plan): string[] {
  return steps.map(
    ({ call, value }) => `${call === "host" ? "host" : `${call.kernel} ${call.units}`} [${value.type.shape}]`,
  );
}

const input = [3, 64, 64] as const;
const networks = {
  mobilenetV2: mobilenetV2({ input }),
  mobilenetV3Small: mobilenetV3Small({ input }),
  resnet18: resnet18({ input }),
};

for (const [name, net] of Object.entries(networks))
  test.each(["folded", "with its batch norms"])(
    `${name}, exported %s, compiles to the same steps`,
    async (form) => {
      const inference = withBatch(toInference(net.graph), 1);
      const exported =
        form === "folded"
          ? foldBatchNorm(inference, net.weights)
          : { graph: inference, weights: net.weights };
      const model = await readModel(bytesSource("model.onnx", toOnnx(exported.graph, exported.weights)));
      const { graph } = foldBatchNorm(toInference(model.graph), model.weights);
      const [imported, built] = await Promise.all([createSession(fuseActivation(graph)), compile(net)]);
      expect(stepsOf(imported.plan)).toEqual(stepsOf(built.plan));
      expect(imported.plan.bytes).toBe(built.plan.bytes);
    },
  );
