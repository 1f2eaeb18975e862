// A table of a FlatBuffers file, read field by field. Whatever the bytes say, no read leaves the file: a position outside of it is a
// SabokError, a list is no longer than the bytes that it claims to hold, and lists that share their bytes are not read without end.
import { ByteBuffer } from "flatbuffers";
import { SabokError } from "../core/index.ts";

/** A file, and how many bytes of its lists may still be read. */
export class FlatFile {
  readonly buffer: ByteBuffer;
  private left: number;

  constructor(bytes: Uint8Array) {
    this.buffer = new ByteBuffer(bytes);
    this.left = 65536 + 16 * bytes.length;
  }

  /** Counts bytes that are read; throws where the file's bytes were read many times over. */
  spend(length: number): void {
    this.left -= length;
    if (this.left < 0)
      throw new SabokError("The file is damaged: its parts name the same bytes again and again.");
  }
}

export class FlatTable {
  private readonly file: FlatFile;
  private readonly buffer: ByteBuffer;
  private readonly position: number;

  /** The table that a root, a field or a list's entry points to from `at`. */
  constructor(file: FlatFile, at: number) {
    this.file = file;
    this.buffer = file.buffer;
    this.position = this.follow(at);
  }

  has(field: number): boolean {
    return this.at(field) !== 0;
  }

  int(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === 0 ? fallback : this.buffer.readInt32(this.inside(at, 4));
  }

  byte(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === 0 ? fallback : this.buffer.readInt8(this.inside(at, 1));
  }

  flag(field: number): boolean {
    return this.byte(field) !== 0;
  }

  float(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === 0 ? fallback : this.buffer.readFloat32(this.inside(at, 4));
  }

  text(field: number): string {
    const bytes = this.bytes(field) ?? new Uint8Array(0);
    this.file.spend(bytes.length);
    return new TextDecoder().decode(bytes);
  }

  /** The bytes of a list or a text, as a view of the file; undefined where the field is not there. */
  bytes(field: number): Uint8Array | undefined {
    const list = this.list(field, 1);
    return list && this.buffer.bytes().subarray(list.start, list.start + list.length);
  }

  ints(field: number): number[] {
    return this.numbers(field, 4, (at) => this.buffer.readInt32(at));
  }

  floats(field: number): number[] {
    return this.numbers(field, 4, (at) => this.buffer.readFloat32(at));
  }

  /** 64-bit whole numbers. */
  longs(field: number): number[] {
    return this.numbers(field, 8, (at) => Number(this.buffer.readInt64(at)));
  }

  table(field: number): FlatTable | undefined {
    const at = this.at(field);
    return at === 0 ? undefined : new FlatTable(this.file, at);
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.list(field, 4) ?? { start: 0, length: 0 };
    this.file.spend(4 * length);
    return Array.from({ length }, (_, i) => new FlatTable(this.file, start + 4 * i));
  }

  private numbers(field: number, width: number, read: (at: number) => number): number[] {
    const { start, length } = this.list(field, width) ?? { start: 0, length: 0 };
    this.file.spend(width * length);
    return Array.from({ length }, (_, i) => read(start + width * i));
  }

  /** Where a field stands, by the table's list of offsets; 0 where it is left out. */
  private at(field: number): number {
    const offsets = this.inside(this.position - this.buffer.readInt32(this.position), 4);
    const size = this.buffer.readUint16(offsets);
    const entry = 4 + 2 * field;
    if (entry + 2 > size) return 0;
    const offset = this.buffer.readUint16(this.inside(offsets + entry, 2));
    return offset === 0 ? 0 : this.position + offset;
  }

  /** What the relative offset at a place points to. */
  private follow(at: number): number {
    return this.inside(at + this.buffer.readUint32(this.inside(at, 4)), 4);
  }

  private list(field: number, width: number): { start: number; length: number } | undefined {
    const at = this.at(field);
    if (at === 0) return undefined;
    const start = this.follow(at);
    const length = this.buffer.readUint32(start);
    this.inside(start + 4, length * width);
    return { start: start + 4, length };
  }

  private inside(at: number, length: number): number {
    if (at < 0 || at + length > this.buffer.capacity())
      throw new SabokError(
        `The file is damaged or cut short: it points to bytes ${at} to ${at + length}, but has ${this.buffer.capacity()}.`,
      );
    return at;
  }
}
