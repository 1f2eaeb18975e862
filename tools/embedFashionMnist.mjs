// Makes packages/sabok/assets/fashion-mnist: the first images and labels of Fashion-MNIST as gzip IDX files.
//
//   node tools/embedFashionMnist.mjs [folder with the four original files]
//
// The folder is by default where Debian's package dataset-fashion-mnist puts them.
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

const source = process.argv[2] ?? "/usr/share/datasets/fashion-mnist";
const target = new URL("../packages/sabok/assets/fashion-mnist/", import.meta.url);
const kept = { train: 10_000, t10k: 2_000 };

for (const [part, count] of Object.entries(kept))
  for (const kind of ["images-idx3", "labels-idx1"]) {
    const name = `${part}-${kind}-ubyte.gz`;
    const original = gunzipSync(readFileSync(`${source}/${name}`));
    const header = 4 + 4 * original[3]; // magic, then one 32-bit size for each dimension
    const elementBytes = (original.length - header) / original.readUInt32BE(4);
    const first = Buffer.from(original.subarray(0, header + count * elementBytes));
    first.writeUInt32BE(count, 4);
    const packed = gzipSync(first, { level: 9 });
    packed[9] = 255; // the operating system byte, so that every machine writes the same file
    writeFileSync(new URL(name, target), packed);
    console.log(`${name}: ${count} of ${original.readUInt32BE(4)}, ${packed.length} bytes`);
  }
