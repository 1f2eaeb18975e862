// A node of a TensorFlow.js graph model as its rule sees it: its operands, and the attributes that converters write.
import { ChannelsLastNode, type ChannelsLastContext, type ChannelsLastTensor } from "./channelsLast.ts";

export interface TfjsAttribute {
  readonly s?: unknown;
  readonly i?: unknown;
  readonly f?: unknown;
  readonly b?: unknown;
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
    operands: readonly ChannelsLastTensor[],
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
