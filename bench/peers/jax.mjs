// jax-js on its wasm backend: the plain nodes of a training case, differentiated and jitted.
import * as jax from "@jax-js/jax";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { readCase } from "../lib/readCase.mjs";
import { serve } from "../lib/serve.mjs";

const { lax, nn, numpy: np } = jax;
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(require.resolve("@jax-js/jax").replace(/dist.*/, "package.json"), "utf8"));

/** An array is used up by what reads it; `.ref` keeps it. */
function forward(nodes, output, values) {
  for (const { name, op, inputs, ...node } of nodes) {
    const [x, w, b] = (inputs ?? []).map((input) => values[input].ref);
    const results = {
      input: () => values[name],
      conv2d() {
        const [top, left, bottom, right] = node.padding;
        const y = lax.convGeneralDilated(x, w, node.stride, [[top, bottom], [left, right]], { featureGroupCount: node.groups });
        return node.bias ? y.add(values[node.bias].ref.reshape([1, -1, 1, 1])) : y;
      },
      linear() {
        const y = np.matmul(x, w.transpose());
        return node.bias ? y.add(values[node.bias].ref) : y;
      },
      batchNorm() {
        const keepdims = { keepdims: true };
        const mean = np.mean(x.ref, [0, 2, 3], keepdims);
        const centred = x.sub(mean);
        const variance = np.mean(np.square(centred.ref), [0, 2, 3], keepdims);
        const scale = w.reshape([1, -1, 1, 1]).div(np.sqrt(variance.add(node.epsilon)));
        return centred.mul(scale).add(b.reshape([1, -1, 1, 1]));
      },
      relu: () => nn.relu(x),
      relu6: () => np.minimum(nn.relu(x), 6),
      hardSigmoid: () => np.minimum(nn.relu(x.add(3)), 6).mul(1 / 6),
      hardSwish: () => x.ref.mul(np.minimum(nn.relu(x.add(3)), 6)).mul(1 / 6),
      maxPool2d: () => lax.reduceWindow(x, np.max, [1, 1, ...node.kernel], [1, 1, ...node.stride]),
      globalAveragePool: () => np.mean(x, [2, 3], { keepdims: true }),
      flatten: () => x.reshape([node.shape[0], -1]),
      add: () => x.add(w),
      mul: () => x.mul(w),
    };
    values[name] = results[op]();
  }
  return values[output];
}

serve(async ({ folder, threads = 1 }) => {
  if (threads > 1) throw new Error("it has one thread");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { nodes, output, inputs, tensors, data, optimizer, rate, batch } = readCase(folder);
  const array = (name) => np.array(data(name).slice(), { shape: tensors[name].shape });
  const read = new Set(nodes.flatMap((node) => [...(node.inputs ?? []).slice(1), node.bias]));
  const names = Object.keys(tensors).filter((name) => read.has(name));
  let parameters = names.map(array);
  let momenta = parameters.map((parameter) => np.zerosLike(parameter.ref));
  const feeds = [...inputs.map(({ name }) => name), "target"].map(array);
  const lossOf = (weights, images, target) => {
    const values = Object.fromEntries(names.map((name, i) => [name, weights[i]]));
    const logits = forward(nodes, output, { ...values, [inputs[0].name]: images });
    return nn.logSoftmax(logits, -1).mul(target).sum().mul(-1 / batch);
  };
  const step = jax.jit((weights, velocities, images, target) => {
    const [loss, slopes] = jax.valueAndGrad(lossOf)(weights.map((weight) => weight.ref), images, target);
    const next = { weights: [], velocities: [] };
    for (const [i, weight] of weights.entries()) {
      const slope = slopes[i].add(weight.ref.mul(optimizer.weightDecay));
      const velocity = velocities[i].mul(optimizer.momentum).add(slope.ref);
      next.weights.push(weight.sub(slope.add(velocity.ref.mul(optimizer.momentum)).mul(rate)));
      next.velocities.push(velocity);
    }
    return { loss, ...next };
  });
  const run = async () => {
    const result = step(parameters, momenta, ...feeds.map((feed) => feed.ref));
    parameters = result.weights;
    momenta = result.velocities;
    await jax.blockUntilReady(parameters.map((parameter) => parameter.ref));
    return (await result.loss.data())[0];
  };
  const losses = [];
  while (losses.length < 3) losses.push(await run());
  return { version, output: losses, run };
});
