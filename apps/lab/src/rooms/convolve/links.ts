// Which input, weight and output belong together, and how the same products fill the matrices of the four views:
// y = A·x (entries w), y = X·w (entries x), dL/dx = Aᵀ·g, dL/dw = Xᵀ·g.

/** One product of the sum: output y takes weight w times input x, all indices row by row from 0. */
export interface Product {
  readonly y: number;
  readonly w: number;
  readonly x: number;
}

export type Kind = keyof Product;

/** The products of `weightOf` (outputs by inputs, 0 or 1 + the weight), by output, then input. */
export function productsOf(weightOf: ArrayLike<number>, inputs: number): Product[] {
  const products: Product[] = [];
  for (let at = 0; at < weightOf.length; at++)
    if (weightOf[at]! > 0)
      products.push({ y: Math.floor(at / inputs), w: weightOf[at]! - 1, x: at % inputs });
  return products;
}

/** What the matrix view multiplies: its result has the rows' index, its operand the columns', its entries the third. */
export const views = ["forward", "gathered", "inputGradient", "weightGradient"] as const;
export type View = (typeof views)[number];

export interface Axes {
  readonly rows: Kind;
  readonly columns: Kind;
  readonly entries: Kind;
}

export const axesOf: Readonly<Record<View, Axes>> = {
  forward: { rows: "y", columns: "x", entries: "w" },
  gathered: { rows: "y", columns: "w", entries: "x" },
  inputGradient: { rows: "x", columns: "y", entries: "w" },
  weightGradient: { rows: "w", columns: "y", entries: "x" },
};

/** What is pointed at: one number of a grid, or one entry of the matrix, which is one product. */
export type Pointed = { readonly kind: Kind; readonly at: number } | Product;

export const isProduct = (pointed: Pointed): pointed is Product => !("kind" in pointed);

/** The products that what is pointed at takes part in. */
export function productsAt(products: readonly Product[], pointed: Pointed | undefined): readonly Product[] {
  if (!pointed) return [];
  return isProduct(pointed) ? [pointed] : products.filter((product) => product[pointed.kind] === pointed.at);
}

/** The indices of each kind that occur in products. */
export function litBy(products: readonly Product[]): Readonly<Record<Kind, ReadonlySet<number>>> {
  const set = (kind: Kind) => new Set(products.map((product) => product[kind]));
  return { y: set("y"), w: set("w"), x: set("x") };
}

/** A symbol and its index below: name("x", 7, 6) is "x₂₂" for a grid of 6 columns; from 10 on a comma parts the two. */
export function symbolOf(letter: string, at: number, columns: number): string {
  const [row, column] = [Math.floor(at / columns) + 1, (at % columns) + 1];
  const part = row > 9 || column > 9 ? "\u201a" : "";
  return letter + subscript(row) + part + subscript(column);
}

const subscript = (number: number): string =>
  String(number).replaceAll(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)));

/** Of the operation's window at an output (or of a transposed one's at an input): its first row or column, and its edge. */
export function windowAt(
  index: number,
  {
    stride,
    padding,
    kernel,
    dilation,
  }: { stride: number; padding: number; kernel: number; dilation: number },
): { readonly start: number; readonly span: number } {
  return { start: index * stride - padding, span: dilation * (kernel - 1) + 1 };
}

/** What is pointed at as it stands in the URL: "y5", or "y5w4x14" for an entry; undefined for what is neither. */
export function readPointed(text: string): Pointed | undefined {
  const entry = /^y(\d+)w(\d+)x(\d+)$/.exec(text);
  if (entry) return { y: Number(entry[1]), w: Number(entry[2]), x: Number(entry[3]) };
  const one = /^([ywx])(\d+)$/.exec(text);
  return one ? { kind: one[1] as Kind, at: Number(one[2]) } : undefined;
}

export function pointedText(pointed: Pointed): string {
  return isProduct(pointed) ? `y${pointed.y}w${pointed.w}x${pointed.x}` : `${pointed.kind}${pointed.at}`;
}
