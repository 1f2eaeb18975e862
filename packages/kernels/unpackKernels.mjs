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

/** By the streams themselves: `Response`, which would read them in a line, takes Node 25 ms to load. @param {string} text */
async function inflate(text) {
  const binary = atob(text);
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(packed), writer.close()]);
  const reader = readable.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) chunks.push(chunk.value);
  await written;
  const stream = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    stream.set(chunk, at);
    at += chunk.length;
  }
  return stream;
}
