// A batch image by image through the front of a network gives the bits of the batch layer by layer.
import { describe, expect, test } from "vitest";
import { Random } from "../core/index.ts";
import { shapeOf, type Graph } from "../graph/index.ts";
import { globalAvgPool, linear, network } from "../nn/index.ts";
import { namedNetwork } from "../nn/models/index.ts";
import {
  foldBatchNorm,
  fuseActivation,
  imageByImage,
  toInference,
  withInputShapes,
} from "../passes/index.ts";
import { createSession } from "./session.ts";

const random = new Random(5);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

const countOf = (graph: Graph, op: string): number => graph.values.filter((value) => value.op === op).length;

describe("image by image", () => {
  test.each(["mobilenet_v2", "mobilenet_v3_small", "resnet18"])(
    "%s, batch 8, one thread and two",
    async (name) => {
      const net = namedNetwork(name);
      const inference = withInputShapes(toInference(net.graph), { image: [8, 3, 96, 96] });
      const { graph, weights } = foldBatchNorm(inference, net.weights);
      const whole = fuseActivation(graph);
      const split = imageByImage(whole);
      expect(countOf(split, "slice")).toBe(8);
      expect(countOf(split, "concat")).toBe(1);
      expect(countOf(split, "fusedConv2d")).toBeGreaterThan(countOf(whole, "fusedConv2d"));
      const image = draw(8 * 3 * 96 * 96);
      const answers = [];
      for (const [form, threads] of [
        [whole, 1],
        [split, 1],
        [split, 2],
      ] as const) {
        const session = await createSession(form, { threads });
        session.setStates(weights);
        answers.push((await session.run({ image }))["logits"]!.data);
        session.close();
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
    },
  );

  test("needs less memory", async () => {
    const net = namedNetwork("mobilenet_v2");
    const whole = fuseActivation(
      foldBatchNorm(withInputShapes(toInference(net.graph), { image: [8, 3, 96, 96] }), net.weights).graph,
    );
    const [layers, images] = [await createSession(whole), await createSession(imageByImage(whole))];
    expect(images.plan.arenaBytes).toBeLessThan(0.4 * layers.plan.arenaBytes);
  });

  test("one image, and a network whose weights outweigh its maps, stay as they are", () => {
    const { graph } = namedNetwork("mobilenet_v2");
    const one = withInputShapes(toInference(graph), { image: [1, 3, 224, 224] });
    expect(shapeOf(one.inputs["image"]!)[0]).toBe(1);
    expect(imageByImage(one)).toBe(one);
    const small = network({ image: [3, 4, 4] }, ({ image }) => linear(globalAvgPool(image), { out: 5 }), {
      batch: 4,
    });
    const split = imageByImage(toInference(small.graph));
    expect(countOf(split, "linear")).toBe(1);
  });
});
