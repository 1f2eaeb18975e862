// Which values are their operand under another name, and which activations can change nothing: what may be taken out of a
// network without changing its function, its gradients included.
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import { affine, dropout, pad, resize, transpose } from "../../ops/index.ts";

/** Operators that move or pick numbers, or take means of them: what holds for all numbers of the operands holds behind them. */
const keepsRange: ReadonlySet<string> = new Set([
  "averagePool2d",
  "concat",
  "dropout",
  "flatten",
  "globalAveragePool",
  "maxPool2d",
  "reshape",
  "resize",
  "slice",
  "transpose",
]);

const notNegative: ReadonlySet<string> = new Set([
  "relu",
  "relu6",
  "sigmoid",
  "hardSigmoid",
  "softmax",
  "exp",
]);
const atMostOne: ReadonlySet<string> = new Set(["sigmoid", "hardSigmoid", "softmax", "tanh"]);

/** Whether an operator gives its first operand as it is. */
export function isIdle(value: Value): boolean {
  const [x] = value.inputs;
  if (!x || shapeOf(x).join() !== shapeOf(value).join()) return false;
  switch (value.op) {
    case "flatten":
    case "reshape":
    case "broadcastTo":
    case "sumTo":
    case "slice":
      return true;
    case "resize":
      return attributesOf(value, resize).scale.every((factor) => factor === 1);
    case "concat":
      return value.inputs.length === 1;
    case "dropout":
      return attributesOf(value, dropout).rate === 0;
    case "pad": {
      const { before, after } = attributesOf(value, pad);
      return [...before, ...after].every((n) => n === 0);
    }
    case "transpose":
      return attributesOf(value, transpose).permutation.every((axis, i) => axis === i);
    case "affine": {
      const { scale, offset } = attributesOf(value, affine);
      return scale === 1 && offset === 0;
    }
    case "averagePool2d":
    case "maxPool2d":
      return ["kernel", "stride"].every((key) =>
        (value.attrs[key] as readonly number[]).every((n) => n === 1),
      );
    default:
      return false;
  }
}

/** Whether an activation finds only numbers that it lets through unchanged. */
export function isRedundant({ op, inputs: [x] }: Value): boolean {
  if (op === "relu" || op === "leakyRelu") return isAtLeastZero(x!);
  return op === "relu6" && isAtLeastZero(x!) && isAtMostSix(x!);
}

function isAtLeastZero(value: Value): boolean {
  const { op, inputs } = value;
  if (notNegative.has(lastOperation(value))) return true;
  if (op === "add" || op === "mul" || keepsRange.has(op)) return inputs.every(isAtLeastZero);
  return false;
}

function isAtMostSix(value: Value): boolean {
  const last = lastOperation(value);
  if (last === "relu6" || atMostOne.has(last)) return true;
  // Dropout makes what it keeps larger.
  return keepsRange.has(value.op) && value.op !== "dropout" && value.inputs.every(isAtMostSix);
}

/** The operator itself, or the activation fused into it. */
function lastOperation({ op, attrs }: Value): string {
  const fused = attrs["activation"];
  return op.startsWith("fused") && typeof fused === "string" ? fused : op;
}
