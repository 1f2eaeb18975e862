// The study in the worker: the chapters as data, one run of one of them, and that run as a page of its own.
import { SabokError, type Tensor } from "sabok";
import { readSafetensors } from "sabok/onnx";
import {
  chapters,
  findChapter,
  studyPage,
  type Chapter,
  type ChapterResult,
  type ParameterValues,
} from "sabok/study";
import type { JobContext } from "../job.ts";

/** A chapter without its experiment, as it travels to the page. */
export type ChapterText = Omit<Chapter, "run">;

export interface StudyRequest {
  /** "1.3". */
  readonly chapter: string;
  /** Parameters that are not at their defaults. */
  readonly values: ParameterValues;
}

export interface StudyProgress {
  readonly share: number;
  readonly what: string;
}

/** The trained networks that were read, by name. */
const read = new Map<string, Promise<ReadonlyMap<string, Tensor>>>();

/** All chapters in the order of the problem set. */
export function studyChapters(_request: void, _context: JobContext<never>): ChapterText[] {
  return chapters.map(({ id, title, question, claim, text, verdict, parameters }) => ({
    id,
    title,
    question,
    claim,
    text,
    verdict,
    parameters,
  }));
}

/** Runs a chapter. Throws its SabokError for parameters that do not fit. */
export async function studyRun(
  { chapter, values }: StudyRequest,
  context: JobContext<StudyProgress>,
): Promise<ChapterResult> {
  await context.breathe(); // one that has been cancelled meanwhile is not begun
  return findChapter(chapter).run(values, {
    checkpoint,
    signal: context.signal,
    onProgress: (share, what) => context.progress({ share, what }),
  });
}

/** A run as a self-contained HTML page in one language. */
export async function studyFile(
  { chapter: id, values, language }: StudyRequest & { readonly language: "en" | "fa" },
  { signal }: JobContext<never>,
): Promise<string> {
  const chapter = findChapter(id);
  return studyPage(chapter, values, await chapter.run(values, { checkpoint, signal }), language);
}

function checkpoint(name: string): Promise<ReadonlyMap<string, Tensor>> {
  const found = read.get(name) ?? fetchCheckpoint(name);
  read.set(name, found);
  found.catch(() => read.delete(name));
  return found;
}

async function fetchCheckpoint(name: string): Promise<ReadonlyMap<string, Tensor>> {
  const url = new URL(`../../../../../packages/sabok/assets/study/${name}.safetensors`, import.meta.url);
  const response = await fetch(url);
  if (!response.ok)
    throw new SabokError(
      `The trained network "${name}" could not be read from the Lab's own server (status ${response.status}). Check that the server still runs.`,
    );
  return readSafetensors(new Uint8Array(await response.arrayBuffer())).tensors;
}
