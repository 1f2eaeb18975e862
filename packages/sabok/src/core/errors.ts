// The errors sabok throws on purpose. Each message says what was got, what was expected, where, and what to do.

/** A problem the user can mend: bad input, a missing file, a budget too small. The CLI prints its message and exits with 1. */
export class SabokError extends Error {
  override readonly name: string = "SabokError";
}

/** Operand shapes or attributes that do not fit an operator. */
export class ShapeError extends SabokError {
  override readonly name = "ShapeError";
}

/** A training step produced a value outside the finite range. */
export class NonFiniteError extends SabokError {
  override readonly name = "NonFiniteError";
}

/** Throws the message as an `Error` of ours: an invariant of sabok itself is broken, not the user's input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`sabok internal error: ${message}`);
}

/**
 * The entries of `known` nearest to `name` by edit distance, best first, for "did you mean".
 * Only those within a third of the longer name's length are returned.
 */
export function nearestNames(name: string, known: Iterable<string>, most = 3): string[] {
  const scored: { candidate: string; distance: number }[] = [];
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= Math.max(2, Math.ceil(Math.max(name.length, candidate.length) / 3)))
      scored.push({ candidate, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map((entry) => entry.candidate);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
