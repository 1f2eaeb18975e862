// What the command says, and where: words for people on stdout, or on stderr when stdout carries JSON. On a terminal the
// last line is a progress line that redraws itself; anywhere else there is none.
import { createLogUpdate } from "log-update";
import picocolors from "picocolors";
import { wrap } from "./format.ts";

export class Terminal {
  readonly json: boolean;
  /** Whether a progress line can be shown. */
  readonly live: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
  /** Columns to fill: the terminal's, at most 100; 80 where there is none. */
  readonly width: number;
  private readonly stream: NodeJS.WriteStream;
  private readonly progressLine: ReturnType<typeof createLogUpdate>;
  private shownAt = 0;

  constructor({ json }: { json: boolean }) {
    this.json = json;
    this.stream = json ? process.stderr : process.stdout;
    this.live = this.stream.isTTY && process.env["TERM"] !== "dumb";
    const { NO_COLOR, FORCE_COLOR } = process.env;
    this.colors = picocolors.createColors(!NO_COLOR && (this.live || Boolean(FORCE_COLOR)));
    this.width = Math.min(100, (this.live && this.stream.columns) || 80);
    this.progressLine = createLogUpdate(this.stream, { showCursor: true });
  }

  /** A line, or several, for people. */
  line(text = ""): void {
    this.clearProgress();
    this.stream.write(`${text}\n`);
  }

  /** A paragraph for people, wrapped to the width and indented as tables are. */
  prose(text: string): void {
    for (const paragraph of text.split("\n")) {
      const indent = `  ${/^ */.exec(paragraph)![0]}`;
      const lines = wrap(paragraph.trim(), this.width - indent.length);
      this.line(lines.map((line) => indent + line).join("\n"));
    }
  }

  /** The message of an error on stderr; on a terminal, lines that are too long are broken between words. */
  error(message: string): void {
    this.clearProgress();
    const width = process.stderr.isTTY ? this.width : Infinity;
    // Lines that begin with a space are to stay as they are: a caret below its place.
    const lines = `Error: ${message}`
      .split("\n")
      .flatMap((line) => (line.startsWith(" ") ? [line] : wrap(line, width)));
    process.stderr.write(`${lines.join("\n").replace("Error:", this.colors.red("Error:"))}\n`);
  }

  /** Something to know that is not the answer: on stderr, so that stdout has the answer only. */
  warn(text: string): void {
    this.clearProgress();
    process.stderr.write(`${this.colors.yellow("Note:")} ${text}\n`);
  }

  /** A section's title with an empty line before it. */
  title(text: string): void {
    this.line(`\n${this.colors.bold(text)}`);
  }

  /** The progress line; at most ten a second are drawn, and none where the stream is not a terminal. */
  progress(text: () => string): void {
    const now = performance.now();
    if (!this.live || now - this.shownAt < 100) return;
    this.shownAt = now;
    this.progressLine(text());
  }

  clearProgress(): void {
    if (this.shownAt === 0) return;
    this.progressLine.clear();
    this.shownAt = 0;
  }

  /** A JSON document on a line of its own, on stdout; nothing without --json. */
  document(value: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
