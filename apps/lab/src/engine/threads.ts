// How many threads a session may use: all cores but none beyond eight, one where memory cannot be shared.
export function threads(): number {
  return crossOriginIsolated ? Math.max(1, Math.min(8, navigator.hardwareConcurrency)) : 1;
}
