// Random numbers that can be repeated: every draw is a function of a seed and a position, on every platform.

/** murmur3's 32-bit finaliser: a bijection of the 32-bit integers in which every input bit reaches every output bit. */
export function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a of the UTF-8 bytes of a name, so that a named parameter has a seed of its own. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** A uniform number in [0, 1) on a grid of 2^-24, from a seed, a counter and an index: no state, any order. */
export function uniformAt(seed: number, counter: number, index: number): number {
  return (mix32(mix32((index ^ seed) >>> 0) + Math.imul(counter, 0x9e3779b9)) >>> 8) / 0x1000000;
}

/**
 * A sequential generator (xoshiro128**), seeded through mix32. Its whole state is four 32-bit words,
 * so a checkpoint can store it and continue with the same draws.
 */
export class Random {
  private readonly words: Uint32Array;

  constructor(seed: number | readonly number[]) {
    this.words =
      typeof seed === "number"
        ? Uint32Array.from([1, 2, 3, 4], (i) => mix32((seed >>> 0) + Math.imul(i, 0x9e3779b9)))
        : Uint32Array.from(seed);
  }

  /** The four state words, to be handed to the constructor later. */
  get state(): number[] {
    return Array.from(this.words);
  }

  /** A uniform 32-bit integer. */
  nextUint32(): number {
    const s = this.words;
    const product = Math.imul(s[1]!, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** A uniform number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.nextUint32() / 0x100000000;
  }

  /** A uniform integer in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A standard normal number (Box-Muller; one draw per call keeps the state simple). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A Gamma(shape, 1) number (Marsaglia and Tsang, 2000). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * Math.pow(1 - this.uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A random permutation of 0 … count−1 (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
