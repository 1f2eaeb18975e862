// Matrices and sums in the symbols w₁, x₂, g₃, for tables ("w₁") and for formulas ("w_{1}").
import type { Product } from "./convolution1d.ts";

/** A letter with its index below, counted from 1: subscripted("w", 0) is "w₁". */
export function subscripted(letter: string, index: number): string {
  return (
    letter + String(index + 1).replaceAll(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)))
  );
}

/** The same as KaTeX source. */
export const subscriptedTex = (letter: string, index: number): string => `${letter}_{${index + 1}}`;

/** A matrix with the entry that `place` names for each product, and "0" elsewhere. */
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

/** A sum of terms as KaTeX; "0" where there are none. */
export const sumTex = (terms: readonly string[]): string => (terms.length === 0 ? "0" : terms.join(" + "));

/** A matrix of symbols such as "w₁" as KaTeX. */
export function matrixTex(rows: readonly (readonly string[])[]): string {
  const tex = (entry: string): string =>
    entry.replace(
      /[₀-₉]+/,
      (digits) => `_{${Array.from(digits, (digit) => digit.codePointAt(0)! - 0x2080).join("")}}`,
    );
  return `\\begin{bmatrix}${rows.map((row) => row.map(tex).join(" & ")).join(" \\\\ ")}\\end{bmatrix}`;
}

/** Up to this many rows or columns a symbolic matrix is written as a formula; larger ones are tables only. */
export const mostInFormula = 10;

/** Whether a matrix is small enough for a formula. */
export const fitsFormula = (rows: readonly (readonly unknown[])[]): boolean =>
  rows.length > 0 && rows.length <= mostInFormula && rows[0]!.length <= mostInFormula;
