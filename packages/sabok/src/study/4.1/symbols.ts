// Matrices and sums in the symbols w₁, x₂, g₃, for people ("w₁") and for formulas ("w_{1}").
import type { Product } from "./convolution1d.ts";

/** A symbol with its index below, counted from 1: symbol("w", 0) is "w₁". */
export function symbol(letter: string, index: number): string {
  return letter + String(index + 1).replaceAll(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)));
}

/** The same as KaTeX source. */
export const symbolTex = (letter: string, index: number): string => `${letter}_{${index + 1}}`;

/** A matrix that holds, for each product, the entry of `part` at [row, column]; "0" elsewhere. */
export function symbolicMatrix(
  rows: number,
  columns: number,
  products: readonly Product[],
  place: (product: Product) => readonly [row: number, column: number, entry: string],
): string[][] {
  const matrix = Array.from({ length: rows }, () => Array.from({ length: columns }, () => "0"));
  for (const product of products) {
    const [row, column, entry] = place(product);
    matrix[row]![column] = entry;
  }
  return matrix;
}

/** A sum of products as KaTeX: "w_{1}x_{2} + w_{2}x_{3}"; "0" where nothing is added. */
export function sumTex(products: readonly Product[], term: (product: Product) => string): string {
  return products.length === 0 ? "0" : products.map(term).join(" + ");
}

/** A matrix of KaTeX entries, for up to `most` rows and columns; larger ones are left to the tables. */
export function matrixTex(rows: readonly (readonly string[])[], most = 12): string | undefined {
  if (rows.length === 0 || rows.length > most || rows[0]!.length > most) return undefined;
  return `\\begin{bmatrix}${rows.map((row) => row.join(" & ")).join(" \\\\ ")}\\end{bmatrix}`;
}
