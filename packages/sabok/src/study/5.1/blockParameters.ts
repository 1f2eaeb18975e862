// The point and the weights of one block as parameters: what chapters 5.1 and 5.2 share.
import { SabokError, tensor, type Tensor } from "../../core/index.ts";
import { choice, numberList, text } from "../parameters.ts";
import { activationNames, type PointAndWeights } from "./blocks.ts";

const defaults = {
  a: "0.5,-0.3,0.8",
  w1: "0.2,-0.1,0.3;0.4,0.1,-0.2;-0.3,0.5,0.1",
  w2: "0.1,0.2,-0.4;0.3,-0.2,0.1;0.2,0.4,0.3",
  b1: "0.1,-0.2,0.05",
  b2: "0,0.1,-0.1",
} as const;

const list = (name: keyof typeof defaults, en: string, fa: string) =>
  text({ label: { en, fa }, default: defaults[name], example: defaults[name] });

export const blockParameters = {
  activation: choice({
    label: { en: "activation g (none: linear)", fa: "تابع فعال‌سازی g (گزینهٔ none: خطی)" },
    choices: activationNames,
    default: "tanh",
  }),
  a: list("a", "input a, n numbers, 1 to 16", "ورودی a، به تعداد n عدد، ۱ تا ۱۶"),
  w1: list(
    "w1",
    "W of layer l+1: rows of n numbers, separated by ;",
    "ماتریس W لایهٔ l+1: سطرهای n عددی، جداشده با ;",
  ),
  w2: list(
    "w2",
    "W of layer l+2: n rows, one number a row of the first",
    "ماتریس W لایهٔ l+2: تعداد n سطر، در هر سطر یک عدد برای هر سطر ماتریس نخست",
  ),
  b1: list("b1", "bias of layer l+1", "بایاس لایهٔ l+1"),
  b2: list("b2", "bias of layer l+2, n numbers", "بایاس لایهٔ l+2، به تعداد n عدد"),
} as const;

const bounds = { least: -1000, most: 1000, longest: 16 };

/** The tensors that the parameters describe. Throws SabokError where the shapes do not fit together. */
export function readBlock(values: { readonly [Name in keyof typeof defaults]: string }): PointAndWeights {
  const listed = (name: keyof typeof defaults): number[] =>
    numberList({ name, value: values[name], example: defaults[name] }, bounds);
  const a = listed("a");
  const n = a.length;
  const w1 = readMatrix("w1", values.w1);
  const w2 = readMatrix("w2", values.w2);
  const [b1, b2] = [listed("b1"), listed("b2")];
  const hidden = w1.shape[0]!;
  expectThat(
    "w1",
    w1.shape[1] === n,
    `rows of ${n} numbers, as a has ${n}`,
    `${w1.shape[1]} in a row`,
    rowsExample(hidden, n),
  );
  expectThat(
    "w2",
    w2.shape[0] === n && w2.shape[1] === hidden,
    `${n} rows of ${hidden} numbers: the skip needs as many outputs as a has entries, and w1 has ${hidden} rows`,
    `${w2.shape[0]} rows of ${w2.shape[1]}`,
    rowsExample(n, hidden),
  );
  expectThat(
    "b1",
    b1.length === hidden,
    `${hidden} numbers, one for each row of w1`,
    `${b1.length}`,
    rowsExample(1, hidden),
  );
  expectThat(
    "b2",
    b2.length === n,
    `${n} numbers, one for each row of w2`,
    `${b2.length}`,
    rowsExample(1, n),
  );
  return { a: tensor([n], a), w1, w2, b1: tensor([hidden], b1), b2: tensor([n], b2) };
}

function readMatrix(name: "w1" | "w2", value: string): Tensor {
  const rows = value
    .split(";")
    .map((row) => numberList({ name, value: row, example: defaults[name] }, bounds));
  const columns = rows[0]!.length;
  expectThat(
    name,
    rows.length <= 16 && rows.every((row) => row.length === columns),
    "1 to 16 rows, all of one length",
    `rows of ${rows.map((row) => row.length).join(", ")}`,
    defaults[name],
  );
  return tensor([rows.length, columns], rows.flat());
}

function expectThat(name: string, fits: boolean, expected: string, got: string, example: string): void {
  if (!fits) throw new SabokError(`${name}: got ${got}; expected ${expected}, for example ${example}.`);
}

/** Rows of the right shape: "0.1,0.1;0.1,0.1". */
function rowsExample(rows: number, columns: number): string {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0.1).join()).join(";");
}
