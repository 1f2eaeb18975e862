// The kernels that the room offers, and kernels as text in the URL.

export const presetNames = ["identity", "blur", "sharpen", "sobelX", "sobelY", "laplace", "corner"] as const;
export type PresetName = (typeof presetNames)[number];

/** A preset at any kernel size: the 3x3 form, put in the middle of larger ones; a blur fills the size. */
export function presetKernel(name: PresetName, size: number): number[] {
  if (name === "blur") return binomial(size);
  const form = forms[name];
  const first = Math.floor((size - 3) / 2);
  return Array.from({ length: size ** 2 }, (_, at) => {
    const [row, column] = [Math.floor(at / size) - first, (at % size) - first];
    return row >= 0 && row < 3 && column >= 0 && column < 3 ? form[row * 3 + column]! : 0;
  });
}

const forms: Readonly<Record<Exclude<PresetName, "blur">, readonly number[]>> = {
  identity: [0, 0, 0, 0, 1, 0, 0, 0, 0],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  sobelX: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  sobelY: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  laplace: [0, 1, 0, 1, -4, 1, 0, 1, 0],
  // No symmetry at all, so that a kernel that was turned round shows.
  corner: [1, 2, 3, 4, 5, 6, 7, 8, 9],
};

/** Rows of Pascal's triangle, as an outer product that sums to 1. */
function binomial(size: number): number[] {
  const row = Array.from({ length: size }, () => 1);
  for (let i = 1; i < size; i++) row[i] = (row[i - 1]! * (size - i)) / i;
  const sum = 2 ** (size - 1);
  return row.flatMap((a) => row.map((b) => (a * b) / sum ** 2));
}

/** The preset that a kernel is, or undefined. */
export function presetOf(kernel: readonly number[], size: number): PresetName | undefined {
  return presetNames.find((name) => presetKernel(name, size).every((weight, at) => weight === kernel[at]));
}

/** "sobelX", or the weights row by row, "1,0,-1;…"; a text that is neither gives undefined. */
export function readKernel(text: string, size: number): number[] | undefined {
  const preset = presetNames.find((name) => name === text);
  if (preset) return presetKernel(preset, size);
  const numbers = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return numbers.length === size ** 2 && numbers.every((number) => Math.abs(number) <= 1e6)
    ? numbers
    : undefined;
}

export function kernelText(kernel: readonly number[], size: number): string {
  return presetOf(kernel, size) ?? kernel.map((weight) => String(Number(weight.toPrecision(6)))).join(",");
}

/** A kernel at another size: its middle is kept, new weights are 0. */
export function resizedKernel(kernel: readonly number[], from: number, to: number): number[] {
  const shift = Math.floor((from - to) / 2);
  return Array.from({ length: to ** 2 }, (_, at) => {
    const [row, column] = [Math.floor(at / to) + shift, (at % to) + shift];
    const inside = row >= 0 && row < from && column >= 0 && column < from;
    return inside ? kernel[row * from + column]! : 0;
  });
}
