// A node of a TensorFlow.js graph model as its rule sees it: its operands, and the attributes that converters write.
import { ChannelsLastNode, type ChannelsLastContext, type ChannelsLastTensor } from "./channelsLast.ts";

export interface TfjsAttribute {
  readonly s?: unknown;
  readonly i?: unknown;
  readonly f?: unknown;
  readonly b?: unknown;
  readonly type?: unknown;
  readonly list?: { readonly s?: unknown; readonly i?: unknown };
}

export interface TfjsNodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, TfjsAttribute>>;
}

export class TfjsNode extends ChannelsLastNode {
  private readonly attributes: Readonly<Record<string, TfjsAttribute>>;

  constructor(
    context: ChannelsLastContext,
    { op, name, attr }: TfjsNodeDef,
    operands: readonly (ChannelsLastTensor | undefined)[],
  ) {
    super(context, op, name, operands);
    this.attributes = attr;
  }

  float(name: string, fallback: number): number {
    const value = this.attributes[name]?.f;
    return typeof value === "number" ? value : fallback;
  }

  int(name: string, fallback: number): number {
    const value = this.attributes[name]?.i;
    return value === undefined ? fallback : Number(value);
  }

  flag(name: string): boolean {
    return this.attributes[name]?.b === true;
  }

  /** Whether an attribute names a type of whole numbers, by its name or its number. */
  isWhole(name: string): boolean {
    const type = this.attributes[name]?.type;
    return typeof type === "number" ? wholeTypes.has(type) : /^DT_U?INT\d+$/.test(String(type));
  }

  string(name: string, fallback: string): string {
    return textOf(this.attributes[name]?.s) || fallback;
  }

  ints(name: string): number[] | undefined {
    const list = this.attributes[name]?.list?.i;
    return Array.isArray(list) && list.length > 0 ? list.map(Number) : undefined;
  }

  strings(name: string): string[] {
    const list = this.attributes[name]?.list?.s;
    return Array.isArray(list) ? list.map(textOf) : [];
  }
}

/** Those of TensorFlow's types that are integers: int32, uint8, int16, int8, int64, uint16, uint32, uint64. */
const wholeTypes: ReadonlySet<number> = new Set([3, 4, 5, 6, 9, 17, 22, 23]);

/** A string attribute, which converters write as base64 or as a list of bytes. */
function textOf(value: unknown): string {
  if (typeof value === "string") return decodedBase64(value);
  return Array.isArray(value) ? String.fromCharCode(...value.map(Number)) : "";
}

function decodedBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return text;
  }
}
