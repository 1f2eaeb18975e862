// From a packed module of dist/ to its two builds. They differ in a few functions, so one stream holds what both share once.

/**
 * @typedef {object} PackedKernels
 * @property {string} text  Base64 of raw deflate.
 * @property {readonly number[]} lengths  The inflated stream as runs of bytes, three lengths again and again: of both builds, of
 *   the one with SIMD, of the one with relaxed SIMD.
 */

/**
 * The WebAssembly of both builds.
 * @param {PackedKernels} packed
 * @returns {Promise<{ simd: Uint8Array<ArrayBuffer>, relaxed: Uint8Array<ArrayBuffer> }>}
 */
export async function unpackKernels({ text, lengths }) {
  const stream = await inflate(text);
  /** @param {number} other the build whose runs are left out: 1 or 2 */
  const without = (other) => {
    const kept = lengths.reduce((sum, length, i) => (i % 3 === other ? sum : sum + length), 0);
    const build = new Uint8Array(kept);
    let [from, to] = [0, 0];
    lengths.forEach((length, i) => {
      if (i % 3 !== other) {
        build.set(stream.subarray(from, from + length), to);
        to += length;
      }
      from += length;
    });
    return build;
  };
  return { simd: without(2), relaxed: without(1) };
}

/** @param {string} text */
async function inflate(text) {
  const binary = atob(text);
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
  // Node takes ten milliseconds to load the streams that a page has at hand, and three for its own zlib.
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  return zlib ? zlib.inflateRawSync(packed) : inflateByStream(packed);
}

/** @param {Uint8Array<ArrayBuffer>} packed */
async function inflateByStream(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
