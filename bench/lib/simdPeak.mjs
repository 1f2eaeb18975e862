// The machine's peak of 128-bit WebAssembly SIMD: loops of multiply-adds over registers, no memory. Two forms, each with
// fused multiply-add (relaxed SIMD) where the engine has it and with multiply and add; the fastest of all counts.
//   chains: acc[i] = acc[i]·a + b          tile: acc[r][c] += a[r]·b[c], as a microkernel does

const v128 = 0x7b;
const fd = (code) => [0xfd, ...leb(code)];
const f32x4 = { splat: 0x13, lane: 0x1f, mul: 0xe6, add: 0xe4, madd: 0x105 };
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const f32const = (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const section = (id, ...content) => [id, ...leb(content.flat().length), ...content.flat()];
const range = (length) => Array.from({ length }, (_, i) => i);

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

/** Locals of x·y + z for each accumulator; local 0 counts the iterations. */
const forms = {
  chains: (count) => range(count).map((i) => ({ to: 3 + i, x: 3 + i, y: 1, z: 2 })),
  tile: (count) =>
    range(count).map((i) => ({ to: 3 + count / 2 + i, x: 1 + (i >> 1), y: 1 + count / 2 + (i & 1), z: 3 + count / 2 + i })),
};

/** A module with loop(iterations: i32): f32. */
function moduleBytes(steps, fused) {
  const last = Math.max(...steps.map(({ to }) => to));
  const step = ({ to, x, y, z }) =>
    fused
      ? [...get(x), ...get(y), ...get(z), ...fd(f32x4.madd), ...set(to)]
      : [...get(x), ...get(y), ...fd(f32x4.mul), ...get(z), ...fd(f32x4.add), ...set(to)];
  const body = [
    ...[1, ...leb(last), v128], // locals
    ...range(last).flatMap((i) => [...f32const(1e-3 * (i + 1)), ...fd(f32x4.splat), ...set(1 + i)]),
    ...[0x03, 0x40], // loop
    ...steps.flatMap(step),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0], // iterations − 1
    ...[0x0d, 0, 0x0b], // again while not 0; end
    ...steps.flatMap(({ to }, i) => (i === 0 ? get(to) : [...get(to), ...fd(f32x4.add)])),
    ...[...fd(f32x4.lane), 0, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 4, ...new TextEncoder().encode("loop"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** The loops this engine can run; `run` does `flops` operations. */
export function simdLoops() {
  const candidates = [
    ...[8, 10, 12, 13].map((count) => ({ form: "chains", count })),
    ...[6, 8].map((count) => ({ form: "tile", count })),
  ].flatMap((candidate) => [true, false].map((fused) => ({ ...candidate, fused })));
  return candidates.flatMap(({ form, count, fused }) => {
    const bytes = moduleBytes(forms[form](count), fused);
    if (!WebAssembly.validate(bytes)) return [];
    const { loop } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const iterations = Math.round(4e8 / (8 * count));
    return [{ form, count, fused, flops: 8 * count * iterations, run: () => loop(iterations) }];
  });
}

/** The loop that is fastest here, after the engine has compiled all of them well. */
export function fastestLoop() {
  const rate = ({ flops, run }) => {
    let best = Infinity;
    for (let i = 0; i < 10; i++) {
      const begun = performance.now();
      run();
      best = Math.min(best, performance.now() - begun);
    }
    return flops / best;
  };
  return simdLoops()
    .map((loop) => ({ loop, rate: rate(loop) }))
    .sort((a, b) => b.rate - a.rate)[0].loop;
}
