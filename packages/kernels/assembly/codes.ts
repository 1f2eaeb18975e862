// The numbers that pass through argument records as codes, and block sizes. The wasm backend repeats them by name.

/** Elements in one unit of a flat element-wise kernel. */
export const BLOCK: i32 = 4096;
/** Channels in one unit of the kernels that finish per-channel partial sums. */
export const CHANNEL_BLOCK: i32 = 64;
/** Rows summed in f32 before the sums are added to f64 ones. */
export const FLUSH: i32 = 64;

/**
 * Bytes of a row up to which several rows are walked side by side, which saves loads. Wider rows are read one
 * by one: side by side they are streams that the hardware does not prefetch, at half the speed from main
 * memory.
 */
export const NARROW: usize = 128;

/** Functions of `binary`. */
export const ADD: i32 = 0;
export const SUB: i32 = 1;
export const MUL: i32 = 2;
export const DIV: i32 = 3;

/** Functions of `unary`. */
export const SQUARE: i32 = 0;
export const SQRT: i32 = 1;
export const RECIPROCAL: i32 = 2;
export const RECIPROCAL_SQRT: i32 = 3;
export const EXP: i32 = 4;
export const LOG: i32 = 5;

/** Activations. */
export const NONE: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const LEAKY_RELU: i32 = 3;
export const SIGMOID: i32 = 4;
export const HARD_SIGMOID: i32 = 5;
export const HARD_SWISH: i32 = 6;
export const SILU: i32 = 7;
export const TANH: i32 = 8;
