// timm's notation for mobile networks, read and written: "ir_r3_k5_s2_e6_c40_se0.25_nre" is three inverted residuals.
// A text that does not parse gets an error that points at the character.
import { SabokError, nearestNames } from "../../core/index.ts";
import type { ActivationName } from "../../ops/index.ts";

/** What a block is made of; see blockTypes. */
export type BlockType = "cn" | "ds" | "dsa" | "ir" | "er";

/** One entry of a block string: `repeat` blocks, of which the first has the stride. */
export interface BlockStage {
  readonly type: BlockType;
  readonly repeat: number;
  readonly kernel: number;
  readonly stride: number;
  /** Of the kernel that looks around. Default 1; timm's own notation has no word for it ("_d2" here). */
  readonly dilation?: number;
  /** Expanded channels over input channels; 1 for the types without expansion. */
  readonly expansion: number;
  readonly channels: number;
  /** Squeezed channels over expanded ones; 0: no squeeze-and-excitation. */
  readonly squeeze: number;
  /** Undefined: the network's own. */
  readonly activation: ActivationName | undefined;
  /** Undefined: a skip wherever the shape stays, except in cn and dsa. */
  readonly skip: boolean | undefined;
}

export interface Stem {
  readonly kernel: number;
  /** Undefined: fitted to the image. */
  readonly stride: number | undefined;
  readonly channels: number;
  readonly activation: ActivationName | undefined;
}

export interface Head {
  /** Features of the linear layer between the pooling and the classifier. */
  readonly hidden: number;
  readonly activation: ActivationName | undefined;
}

export interface BlockString {
  readonly stem: Stem | undefined;
  readonly stages: readonly BlockStage[];
  readonly head: Head | undefined;
}

const activationCodes: Readonly<Record<string, ActivationName>> = {
  re: "relu",
  r6: "relu6",
  lr: "leakyRelu",
  hs: "hardSwish",
  sw: "silu",
  si: "sigmoid",
  th: "tanh",
};

interface Argument {
  readonly meaning: string;
  readonly whole: boolean;
  readonly accepts: (n: number) => boolean;
  readonly expected: string;
}

const positive = { whole: true, accepts: (n: number) => n >= 1, expected: "a whole number of at least 1" };

const argumentTable = {
  r: { ...positive, meaning: "repeats" },
  k: { meaning: "kernel size", whole: true, accepts: (n) => n % 2 === 1, expected: "an odd whole number" },
  s: { meaning: "stride", whole: true, accepts: (n) => n === 1 || n === 2, expected: "1 or 2" },
  d: { ...positive, meaning: "dilation" },
  e: { meaning: "expansion", whole: false, accepts: (n) => n > 0, expected: "a number above 0" },
  c: { ...positive, meaning: "output channels" },
  se: {
    meaning: "squeeze ratio",
    whole: false,
    accepts: (n) => n > 0 && n <= 1,
    expected: "a number above 0 and at most 1",
  },
} satisfies Record<string, Argument>;

type Key = keyof typeof argumentTable;

/** Which arguments a block takes; those with ! it must have. */
const blockTypes: Readonly<
  Record<
    BlockType | "stem" | "head",
    { readonly meaning: string; readonly keys: readonly (Key | `${Key}!`)[]; readonly skip: boolean }
  >
> = {
  cn: { meaning: "convolution", keys: ["r", "k", "s", "d", "c!"], skip: true },
  ds: { meaning: "depthwise separable", keys: ["r", "k", "s", "d", "e", "c!", "se"], skip: true },
  dsa: {
    meaning: "ds with an activation at the end",
    keys: ["r", "k", "s", "d", "e", "c!", "se"],
    skip: true,
  },
  ir: { meaning: "inverted residual", keys: ["r", "k", "s", "d", "e!", "c!", "se"], skip: true },
  er: {
    meaning: "ir with a full convolution first",
    keys: ["r", "k", "s", "d", "e!", "c!", "se"],
    skip: true,
  },
  stem: { meaning: "the first convolution", keys: ["k", "s", "c!"], skip: false },
  head: { meaning: "a hidden linear layer after the pooling", keys: ["c!"], skip: false },
};

/** Reads a block string: entries separated by commas or spaces, perhaps a stem first and a head last. Throws SabokError. */
export function parseBlockString(text: string): BlockString {
  const entries = [...text.matchAll(/[^\s,]+/g)].map((match) => parseEntry(text, match[0], match.index));
  if (entries.length === 0) fail(text, 0, 1, "nothing", `blocks such as ir_r2_k3_s2_e6_c24`);
  let stem: Stem | undefined;
  let head: Head | undefined;
  const stages: BlockStage[] = [];
  for (const [i, { type, at, numbers, activation, skip }] of entries.entries()) {
    if (type === "stem") {
      if (i !== 0) fail(text, at, 4, `"stem" as entry ${i + 1}`, "the stem to come first");
      stem = { kernel: numbers.k ?? 3, stride: numbers.s, channels: numbers.c!, activation };
    } else if (type === "head") {
      if (i !== entries.length - 1)
        fail(text, at, 4, `"head" as entry ${i + 1} of ${entries.length}`, "the head to come last");
      head = { hidden: numbers.c!, activation };
    } else {
      const {
        r: repeat = 1,
        k: kernel = type === "cn" ? 1 : 3,
        s: stride = 1,
        d: dilation = 1,
        e: expansion = 1,
        c,
        se: squeeze = 0,
      } = numbers;
      const dilated = dilation > 1 ? { dilation } : {};
      stages.push({
        type,
        repeat,
        kernel,
        stride,
        ...dilated,
        expansion,
        channels: c!,
        squeeze,
        activation,
        skip,
      });
    }
  }
  if (stages.length === 0)
    fail(text, 0, text.length, `"${text.trim()}"`, "at least one block such as ir_r2_k3_s2_e6_c24");
  return { stem, stages, head };
}

/** The text that parses to the same blocks. */
export function formatBlockString({ stem, stages, head }: BlockString): string {
  const code = (activation: ActivationName | undefined): string =>
    activation ? `_n${Object.entries(activationCodes).find(([, name]) => name === activation)![0]}` : "";
  const entries = stages.map(
    ({ type, repeat, kernel, stride, dilation = 1, expansion, channels, squeeze, activation, skip }) => {
      const expanded = type === "ir" || type === "er" ? `_e${expansion}` : "";
      const skipped = skip === undefined ? "" : skip ? "_skip" : "_noskip";
      const dilated = dilation > 1 ? `_d${dilation}` : "";
      return `${type}_r${repeat}_k${kernel}_s${stride}${dilated}${expanded}_c${channels}${squeeze > 0 ? `_se${squeeze}` : ""}${code(activation)}${skipped}`;
    },
  );
  if (stem)
    entries.unshift(
      `stem_k${stem.kernel}${stem.stride ? `_s${stem.stride}` : ""}_c${stem.channels}${code(stem.activation)}`,
    );
  if (head) entries.push(`head_c${head.hidden}${code(head.activation)}`);
  return entries.join(" ");
}

interface Entry {
  readonly type: BlockType | "stem" | "head";
  readonly at: number;
  readonly numbers: Readonly<Partial<Record<Key, number>>>;
  readonly activation: ActivationName | undefined;
  readonly skip: boolean | undefined;
}

function parseEntry(text: string, entry: string, start: number): Entry {
  const [type, ...parts] = entry.split("_") as [string, ...string[]];
  if (!isType(type)) {
    const known = Object.entries(blockTypes).map(([name, { meaning }]) => `${name} (${meaning})`);
    fail(
      text,
      start,
      type.length,
      `"${type}"`,
      `a block type: ${known.join(", ")}`,
      nearestNames(type, Object.keys(blockTypes), 1)[0],
    );
  }
  const { keys, skip: takesSkip } = blockTypes[type];
  const allowed = keys.map((key) => key.replace("!", "")) as Key[];
  const numbers: Partial<Record<Key, number>> = {};
  let activation: ActivationName | undefined;
  let skip: boolean | undefined;
  const seen = new Set<string>();
  let at = start + type.length;
  for (const part of parts) {
    at += 1; // the underscore
    const key = keyOf(part);
    if (seen.has(key))
      fail(
        text,
        at,
        part.length,
        `"${part}"`,
        `${key === "n" ? "one activation" : `"${key}" only once`} in a block`,
      );
    if (takesSkip && key === "skip") skip = part === "skip";
    else if (key === "n") activation = parseActivation(text, part, at);
    else if (isArgument(key, allowed)) numbers[key] = parseNumber(text, key, part, at);
    else {
      const choices = allowed.map((name) => `${name} (${argumentTable[name].meaning})`);
      fail(
        text,
        at,
        part.length,
        `"${part}"`,
        `${choices.join(", ")}, n.. (activation)${takesSkip ? ", skip or noskip" : ""}`,
      );
    }
    seen.add(key);
    at += part.length;
  }
  for (const key of keys)
    if (key.endsWith("!") && !seen.has(key.slice(0, -1))) {
      const name = key.slice(0, -1) as Key;
      fail(
        text,
        at,
        1,
        `the end of "${entry}"`,
        `_${name} (${argumentTable[name].meaning}), which ${type} must have`,
      );
    }
  if (type !== "ir" && type !== "er" && (numbers.e ?? 1) !== 1)
    fail(
      text,
      start,
      entry.length,
      `expansion ${numbers.e}`,
      `no expansion in ${type}: leave out e, or write ir`,
    );
  return { type, at: start, numbers, activation, skip };
}

/** What an argument is about: its letters, "n" for an activation, "skip" for skip and noskip. */
function keyOf(part: string): string {
  if (part === "skip" || part === "noskip") return "skip";
  if (part.startsWith("n")) return "n";
  return /^[a-z]*/.exec(part)![0];
}

function isType(name: string): name is keyof typeof blockTypes {
  return Object.hasOwn(blockTypes, name);
}

function isArgument(key: string, allowed: readonly Key[]): key is Key {
  return allowed.some((name) => name === key);
}

function parseActivation(text: string, part: string, at: number): ActivationName {
  const activation = activationCodes[part.slice(1)];
  if (!activation) {
    const known = Object.entries(activationCodes).map(([code, name]) => `n${code} (${name})`);
    const [near] = nearestNames(
      part,
      [...Object.keys(activationCodes).map((code) => `n${code}`), "noskip"],
      1,
    );
    fail(text, at, part.length, `"${part}"`, `an activation, ${known.join(", ")}, or noskip`, near);
  }
  return activation;
}

function parseNumber(text: string, key: Key, part: string, at: number): number {
  const digits = part.slice(key.length);
  const { meaning, whole, accepts, expected } = argumentTable[key];
  const wellFormed = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(digits);
  if (!wellFormed || !accepts(Number(digits)))
    fail(
      text,
      at + key.length,
      digits.length,
      digits === "" ? `"${key}" without a number` : `"${digits}" as ${meaning}`,
      expected,
    );
  return Number(digits);
}

/** Throws with the line of the text and a caret under the place. */
function fail(text: string, at: number, length: number, got: string, expected: string, near?: string): never {
  const before = text.slice(0, at).split("\n");
  const column = before.at(-1)!.length;
  const line = text.split("\n")[before.length - 1]!;
  const place = before.length > 1 ? `line ${before.length}, column ${column + 1}` : `column ${column + 1}`;
  const carets = "^".repeat(Math.max(1, Math.min(length, line.length - column)));
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new SabokError(
    `Block string, ${place}: got ${got}, expected ${expected}.${hint}\n  ${line}\n  ${" ".repeat(column)}${carets}`,
  );
}
