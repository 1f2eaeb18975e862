// Two builds of one source become one stream: runs of bytes that both have, and between them what only one has.
import { deflateRawSync } from "node:zlib";

const codeSection = 10;

/** Cuts a module at its sections and functions. @param {Uint8Array} wasm @returns {Uint8Array[]} */
function piecesOf(wasm) {
  const cuts = [0];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < wasm.length) {
    cuts.push(at);
    const section = wasm[at++];
    const size = number();
    const end = at + size;
    if (section === codeSection)
      for (let left = number(); left > 0; left--) {
        cuts.push(at);
        const size = number();
        at += size;
      }
    at = end;
  }
  return cuts.map((cut, i) => wasm.subarray(cut, cuts[i + 1] ?? wasm.length));
}

/**
 * For each piece of `a`, the piece of `b` that it is paired with in a longest common subsequence, or −1.
 * @param {string[]} a @param {string[]} b
 */
function pairs(a, b) {
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i][j] =
        a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
  let j = 0;
  return a.map((piece, i) => {
    while (j < b.length && piece !== b[j] && longest[i][j + 1] > longest[i + 1][j]) j++;
    return piece === b[j] ? j++ : -1;
  });
}

/**
 * The packed form that unpackKernels.mjs reads.
 * @param {Uint8Array} simd @param {Uint8Array} relaxed
 * @returns {import("./unpackKernels.mjs").PackedKernels}
 */
export function packKernels(simd, relaxed) {
  const [a, b] = [piecesOf(simd), piecesOf(relaxed)];
  const key = (/** @type {Uint8Array} */ piece) => Buffer.from(piece).toString("latin1");
  const paired = pairs(a.map(key), b.map(key));
  /** @type {Uint8Array[]} */
  const stream = [];
  const lengths = [0, 0, 0];
  /** @param {number} kind @param {Uint8Array} piece */
  const put = (kind, piece) => {
    // Within a triple the kinds stand in order; a piece of an earlier kind opens the next triple.
    if (lengths.slice(lengths.length - 3 + kind + 1).some((length) => length > 0)) lengths.push(0, 0, 0);
    lengths[lengths.length - 3 + kind] += piece.length;
    stream.push(piece);
  };
  let next = 0;
  a.forEach((piece, i) => {
    if (paired[i] < 0) return put(1, piece);
    while (next < paired[i]) put(2, b[next++]);
    put(0, piece);
    next++;
  });
  while (next < b.length) put(2, b[next++]);
  return { text: deflateRawSync(Buffer.concat(stream), { level: 9 }).toString("base64"), lengths };
}
