// TensorFlow.js trains on its cpu backend only in Node: its wasm backend has no gradient of conv2d to the filter. A step takes
// about a minute, so one loss is compared.
import "@tensorflow/tfjs-backend-cpu";
// Registers the gradients.
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { readCase, toNhwc } from "../lib/readCase.mjs";
import { serve } from "../lib/serve.mjs";

function forward(nodes, output, values) {
  for (const { name, op, inputs = [], ...node } of nodes) {
    const [x, w] = inputs.map((input) => values[input]);
    const withBias = (y) => (node.bias ? tf.add(y, values[node.bias]) : y);
    const pad = (padding) => [[0, 0], [padding[0], padding[2]], [padding[1], padding[3]], [0, 0]];
    const results = {
      input: () => values[name],
      conv2d: () => withBias(tf.conv2d(x, w, node.stride, pad(node.padding), "NHWC", node.dilation)),
      linear: () => withBias(tf.matMul(x, w, false, true)),
      relu: () => tf.relu(x),
      maxPool2d: () => tf.maxPool(x, node.kernel, node.stride, "valid"),
      globalAveragePool: () => tf.mean(x, [1, 2], true),
      flatten: () => tf.reshape(x, [node.shape[0], -1]),
    };
    values[name] = results[op]();
  }
  return values[output];
}

serve(async ({ folder, threads = 1 }) => {
  if (threads > 1) throw new Error("it has one thread");
  await tf.setBackend("cpu");
  const { nodes, output, inputs, tensors, data, optimizer, rate, batch } = readCase(folder);
  const read = new Set(nodes.flatMap((node) => [...(node.inputs ?? []).slice(1), node.bias]));
  const variables = Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => read.has(name))
      .map(([name, { shape }]) => {
        const rowMajor = tf.tensor(data(name).slice(), shape);
        return [name, tf.variable(shape.length === 4 ? tf.transpose(rowMajor, [2, 3, 1, 0]) : rowMajor, true, name)];
      }),
  );
  const [{ name, shape: [n, c, h, w] }] = inputs;
  const image = tf.tensor(toNhwc(data(name), [n, c, h, w]), [n, h, w, c]);
  const target = tf.tensor(data("target").slice(), tensors.target.shape);
  const momenta = Object.fromEntries(Object.entries(variables).map(([key, variable]) => [key, tf.variable(tf.zerosLike(variable))]));
  const run = () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const logits = forward(nodes, output, { ...variables, [name]: image });
        return tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits), target)), -1 / batch);
      });
      for (const [key, variable] of Object.entries(variables)) {
        const slope = tf.add(grads[key], tf.mul(variable, optimizer.weightDecay));
        momenta[key].assign(tf.add(tf.mul(momenta[key], optimizer.momentum), slope));
        variable.assign(tf.sub(variable, tf.mul(tf.add(slope, tf.mul(momenta[key], optimizer.momentum)), rate)));
      }
      return value.dataSync()[0];
    });
  return { version: tf.version_core, output: [run()], run };
});
