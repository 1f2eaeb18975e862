/** The private scratch memory of this instance (one a thread): the only mutable global state. */
export let scratch: usize = 0;

export function setScratch(pointer: usize): void {
  scratch = pointer;
}
