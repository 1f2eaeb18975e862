// Memory planned once: storages whose lives overlap never share bytes, all others may.

export interface Lifetime {
  readonly id: number;
  readonly bytes: number;
  /** The first and last step that mention it. */
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** Byte offset of each storage by id, multiples of `alignment`. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
  /** The most bytes that are live during any one step: no plan can need less. */
  readonly lowerBound: number;
}

const alignment = 64;

/** Greedy by size: the largest storage first, each at the lowest offset free over its whole life (Pisarchyk and Lee, 2020). */
export function planArena(lifetimes: readonly Lifetime[]): ArenaPlan {
  const offsets = new Map<number, number>();
  const placed: { offset: number; end: number; first: number; last: number }[] = [];
  let bytes = 0;
  for (const { id, bytes: size, first, last } of [...lifetimes].sort(
    (a, b) => b.bytes - a.bytes || a.first - b.first,
  )) {
    let offset = 0;
    for (const other of placed) {
      if (other.last < first || last < other.first) continue;
      if (offset + size <= other.offset) break;
      offset = Math.max(offset, other.end);
    }
    const end = Math.ceil((offset + Math.max(size, 4)) / alignment) * alignment;
    const at = placed.findIndex((other) => other.offset > offset);
    placed.splice(at < 0 ? placed.length : at, 0, { offset, end, first, last });
    offsets.set(id, offset);
    bytes = Math.max(bytes, end);
  }
  return { offsets, bytes, lowerBound: peakBytes(lifetimes) };
}

function peakBytes(lifetimes: readonly Lifetime[]): number {
  const change = new Map<number, number>();
  for (const { bytes, first, last } of lifetimes) {
    change.set(first, (change.get(first) ?? 0) + bytes);
    change.set(last + 1, (change.get(last + 1) ?? 0) - bytes);
  }
  let live = 0;
  let peak = 0;
  for (const [, delta] of [...change].sort(([a], [b]) => a - b)) peak = Math.max(peak, (live += delta));
  return peak;
}
