// A number or a word of a result: numbers in the language's digits, powers of ten where they are very large or small.
import { useNumbers, type Numbers } from "../../shared/words.ts";

export interface CellProps {
  readonly value: number | string;
}

export function Cell({ value }: CellProps) {
  const numbers = useNumbers();
  if (typeof value === "string") return <bdi>{value}</bdi>;
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-4 && size < 1e7))
    return <bdi>{plain(value, numbers)}</bdi>;
  const [mantissa, exponent] = value.toExponential(3).split("e") as [string, string];
  return (
    <bdi dir="ltr">
      {plain(Number(mantissa), numbers)}×{numbers.integer(10)}
      <sup>{numbers.integer(Number(exponent))}</sup>
    </bdi>
  );
}

function plain(value: number, numbers: Numbers): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return Number.isInteger(value) && Math.abs(value) < 1e7
    ? numbers.integer(value)
    : numbers.significant(value, 6);
}

/** Short enough for an axis. */
export function axisNumber(value: number, numbers: Numbers): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e5)) return numbers.significant(value, 3);
  const [mantissa, exponent] = value.toExponential(2).split("e") as [string, string];
  const raised = String(Number(exponent)).replaceAll(/[-\d]/g, (c) =>
    c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!,
  );
  const power = `${numbers.integer(10)}${raised}`;
  return Number(mantissa) === 1 ? power : `${numbers.significant(Number(mantissa), 2)}×${power}`;
}
