// The transposed convolution: its matrix, beside the matrix of chapter 4.1, and why it is no inverse.
import { singularValueDecomposition } from "../../core/index.ts";
import {
  convolutionMatrix,
  identity,
  matrix,
  matrixDifference,
  outputLength,
  productOf,
  rowsOf,
  times,
  turned,
  type Geometry,
  type Rows,
} from "../4.1/convolution1d.ts";
import { convolutionParameters, readConvolution } from "../4.1/convolutionParameters.ts";
import { fitsFormula, matrixTex, subscripted, symbolicMatrix } from "../4.1/symbols.ts";
import { leftOver } from "../4.3/operations.ts";
import type { Matrix, Table, Verdict } from "../chapter.ts";
import { defineChapter, type Findings } from "../defineChapter.ts";
import { number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import { eliminate } from "./elimination.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { transposedLength, transposedMatrix, transposedProducts } from "./transposedMatrix.ts";

export const chapter = defineChapter({
  id: "4.4",
  title: { en: "The transposed convolution", fa: "کانولوشن ترانهاده" },
  question: {
    en: "Which matrix takes four numbers to six by a transposed convolution with a kernel of three, how is it related to the matrix of 4.1, what does padding do to it, and does it undo the convolution?",
    fa: "کدام ماتریس با کانولوشن ترانهادهٔ هسته‌ای به طول سه، چهار عدد را به شش عدد می‌برد؟ با ماتریس بخش ۴٫۱ چه نسبتی دارد، لایه‌گذاری با آن چه می‌کند، و آیا کانولوشن را خنثی می‌کند؟",
  },
  claim: {
    en: 'A transposed convolution ("deconvolution") is the inverse of the convolution.',
    fa: "کانولوشن ترانهاده («دی‌کانولوشن») وارون کانولوشن است.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    ...convolutionParameters,
    padding: number({
      label: {
        en: "padding of the transposed convolution: it cuts off",
        fa: "لایه‌گذاری کانولوشن ترانهاده: از خروجی می‌بُرد",
      },
      default: 0,
      least: 0,
      most: 16,
      whole: true,
    }),
    "forward-padding": number({
      label: {
        en: "padding of the convolution A to compare with",
        fa: "لایه‌گذاری کانولوشن A که با آن مقایسه می‌شود",
      },
      default: 1,
      least: 0,
      most: 16,
      whole: true,
    }),
  },
  async run(values) {
    const { input, kernel, geometry } = readConvolution(values);
    const length = transposedLength(geometry);
    if (length < 1) return nothingLeft(geometry, length);
    const forward: Geometry = { ...geometry, padding: values["forward-padding"] };
    const products = await transposedProducts(geometry);
    const symbolicB = symbolicMatrix(length, geometry.n, products, (p) => [p.y, p.x, subscripted("w", p.w)]);
    const b = await transposedMatrix(geometry, kernel);
    const y = await times(b, input);
    const correlation = await convolutionMatrix({ ...geometry, n: length }, kernel);
    const compared = await compareWithForward(forward, kernel, input);
    const { a, bForward } = compared;
    return {
      results: {
        outputLength: length,
        y,
        B: b.flat(),
        symbolicB: symbolicB.map((row) => row.join(" ")).join("; "),
        againstCorrelationTransposed: matrixDifference(b, turned(correlation)),
        forwardOutputLength: a.length,
        paddedOutputLength: bForward.length,
        paddedY: await times(bForward, input),
        ...compared.results,
      },
      symbolic: fitsFormula(symbolicB)
        ? [
            {
              label: { en: "the transposed convolution's matrix", fa: "ماتریس کانولوشن ترانهاده" },
              tex: `B = ${matrixTex(symbolicB)}`,
            },
          ]
        : [],
      matrices: [
        { name: { en: "$B$ in symbols", fa: "$B$ با نماد" }, rows: symbolicB },
        { name: { en: "$B$ in numbers", fa: "$B$ با عدد" }, rows: b },
        ...compared.matrices,
      ],
      tables: compared.tables,
      verdict: verdictOf(compared),
    };
  },
});

type Comparison = Awaited<ReturnType<typeof compareWithForward>>;

/** The convolution A of 4.1 beside the transposed one of the same padding: Aᵀ, AᵀA, and A's inverse where it has one. */
async function compareWithForward(geometry: Geometry, w: readonly number[], x: readonly number[]) {
  const a = await convolutionMatrix(geometry, w);
  const bForward = await transposedMatrix(geometry, w);
  if (a.length === 0)
    return {
      a,
      bForward,
      results: { aIsEmpty: true },
      matrices: [] as Matrix[],
      tables: [] as Table[],
      distance: Infinity,
      invertible: false,
    };
  const at = turned(a);
  // The transposed convolution of the outputs of A: its length is brought back to n by the output padding.
  const transposed = await transposedMatrix(
    { ...geometry, n: outputLength(geometry) },
    w,
    leftOver(geometry),
  );
  const gram = await productOf(at, a);
  const distance = matrixDifference(gram, rowsOf(identity(geometry.n)));
  const back = await times(at, await times(a, x));
  const square = a.length === geometry.n;
  const { determinant, inverse } = square ? eliminate(a) : { determinant: undefined, inverse: undefined };
  const { values } = singularValueDecomposition(matrix(a));
  const eigenvalues = eigenvaluesOf(geometry, w);
  const recovered = inverse && (await times(inverse, await times(a, x)));
  const turnedKernel = square
    ? matrixDifference(await transposedMatrix(geometry, w.toReversed()), a)
    : undefined;
  const matrices: Matrix[] = [
    { name: { en: "$A$ of 4.1", fa: "$A$ از ۴٫۱" }, rows: a },
    {
      name: { en: "the transposed convolution with that padding", fa: "کانولوشن ترانهاده با همان لایه‌گذاری" },
      rows: bForward,
    },
    { name: symbol("$A^\\top A$"), rows: gram },
    ...(inverse ? [{ name: symbol("$A^{-1}$"), rows: inverse }] : []),
  ];
  const show = (numbers: readonly number[]): (number | string)[] => x.map((_, i) => numbers[i] ?? "–");
  const tables: Table[] = [
    {
      title: { en: "There and back", fa: "رفت و برگشت" },
      columns: [{ en: "vector", fa: "بردار" }, ...x.map((_, i) => spell(i + 1))],
      rows: [
        [symbol("x"), ...x],
        [symbol("AᵀAx"), ...show(back)],
        ...(recovered ? [[symbol("A⁻¹Ax"), ...show(recovered)]] : []),
      ],
    },
  ];
  return {
    a,
    bForward,
    distance,
    invertible: inverse !== undefined,
    matrices,
    tables,
    results: {
      aIsEmpty: false,
      againstATransposed: matrixDifference(transposed, at),
      gram: gram.flat(),
      gramFromIdentity: distance,
      thereAndBack: back,
      singularValues: values,
      ...(determinant !== undefined && { determinant }),
      ...(turnedKernel !== undefined && { turnedKernelGivesA: turnedKernel }),
      ...(eigenvalues && { eigenvalues, eigenvalueResidual: residualOf(a, eigenvalues) }),
    },
  };
}

/** For three weights, padding 1 and no stride: w₂ + 2√(w₁w₃)·cos(jπ/(n + 1)), where they are real. */
function eigenvaluesOf(
  { n, k, padding, stride, dilation }: Geometry,
  w: readonly number[],
): number[] | undefined {
  const [before, middle, after] = w as [number, number, number];
  if (k !== 3 || padding !== 1 || stride !== 1 || dilation !== 1 || before * after < 0) return undefined;
  return Array.from(
    { length: n },
    (_, j) => middle + 2 * Math.sqrt(before * after) * Math.cos(((j + 1) * Math.PI) / (n + 1)),
  );
}

/** The largest of the smallest singular values of A − λI: zero where every λ is an eigenvalue. */
function residualOf(a: Rows, eigenvalues: readonly number[]): number {
  const smallest = eigenvalues.map((lambda) => {
    const shifted = a.map((row, i) => row.map((entry, j) => (i === j ? entry - lambda : entry)));
    return singularValueDecomposition(matrix(shifted)).values.at(-1)!;
  });
  return Math.max(...smallest);
}

function verdictOf({ a, distance, invertible, results }: Comparison): Verdict {
  if (a.length === 0)
    return {
      status: "false",
      text: {
        en: "The convolution to compare with has no output at this padding, so there is nothing to undo; $B$ alone is shown. Give more forward padding.",
        fa: "کانولوشنی که باید با آن مقایسه شود با این لایه‌گذاری خروجی ندارد؛ پس چیزی برای خنثی‌کردن نیست و تنها $B$ نشان داده شده است. لایه‌گذاری پیشرو را بیشتر کنید.",
      },
    };
  if (distance < 1e-12)
    return {
      status: "holds",
      text: {
        en: "For this kernel it does: $A^\\top A=I$, because $A$ only moves entries and changes signs. That is the exception.",
        fa: "برای این هسته درست است: $A^\\top A=I$، زیرا $A$ تنها درایه‌ها را جابه‌جا می‌کند و علامت‌ها را عوض می‌کند. این استثناست.",
      },
    };
  const off = spell(distance);
  const determinant = "determinant" in results ? spell(results.determinant!) : undefined;
  const inverse = invertible
    ? {
        en: `$A$ does have an inverse here (its determinant is ${determinant?.en}), but it is a full matrix and no transposed convolution.`,
        fa: `$A$ در اینجا وارون دارد (دترمینانش ${determinant?.fa} است)، ولی آن وارون ماتریسی پر است و کانولوشن ترانهاده نیست.`,
      }
    : determinant
      ? {
          en: "$A$ is singular here: nothing can undo it.",
          fa: "$A$ در اینجا تکین است: هیچ‌چیز آن را خنثی نمی‌کند.",
        }
      : { en: "$A$ is not square here.", fa: "$A$ در اینجا مربعی نیست." };
  return {
    status: "false",
    text: {
      en: `The transposed convolution is the transpose, exactly: it restores the shape, not the values. $A^\\top A$ is off the identity by ${off.en}. ${inverse.en}`,
      fa: `کانولوشن ترانهاده دقیقاً همان ترانهاده است: شکل را برمی‌گرداند، نه مقدارها را. $A^\\top A$ به اندازهٔ ${off.fa} با ماتریس همانی اختلاف دارد. ${inverse.fa}`,
    },
  };
}

function nothingLeft({ padding }: Geometry, length: number): Findings {
  const most = Math.floor((length + 2 * padding - 1) / 2);
  const [p, m] = [spell(padding), spell(most)];
  return {
    results: { outputLength: 0, mostPadding: most },
    verdict: {
      status: "false",
      text: {
        en: `With padding ${p.en} nothing is left: padding cuts that many entries off both ends of the output. A padding of at most ${m.en} leaves something.`,
        fa: `با لایه‌گذاری ${p.fa} چیزی نمی‌ماند: لایه‌گذاری از هر دو سر خروجی همین تعداد درایه می‌بُرد. با لایه‌گذاری حداکثر ${m.fa} چیزی می‌ماند.`,
      },
    },
  };
}
