// The peers' side of a case's folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const readFile = (folder, name) => readFileSync(join(folder, name));

/** The case, with `data(name)`: the numbers of a weight or feed. */
export function readCase(folder) {
  const description = JSON.parse(readFile(folder, "case.json"));
  const bytes = readFile(folder, "tensors.f32");
  const data = (name) => {
    const { shape, at } = description.tensors[name];
    return new Float32Array(bytes.buffer, bytes.byteOffset + 4 * at, shape.reduce((a, b) => a * b, 1));
  };
  return { ...description, data };
}

/** [N,C,H,W] row-major as [N,H,W,C]. */
export function toNhwc(data, [n, c, h, w]) {
  const result = new Float32Array(data.length);
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < h * w; i++) result[(image * h * w + i) * c + channel] = data[(image * c + channel) * h * w + i];
  return result;
}

/** The batches of an epoch as lists of indices: every image once but for an unfull last batch, in an order that a peer in another language has too. */
export function batchesOf(images, batch, epoch) {
  const order = (i) => (i * 7919 + epoch * 104729) % images;
  return Array.from({ length: Math.floor(images / batch) }, (_, at) => Array.from({ length: batch }, (_, i) => order(at * batch + i)));
}
