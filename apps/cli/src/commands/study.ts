// sabok study: the chapters of the study, run with any parameters, in words, as JSON or as a page.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ArgsDef, ParsedArgs } from "citty";
import { SabokError } from "sabok";
import { readModelFile, readStudyCheckpoint, writeFileWhole } from "sabok/node";
import {
  chapters,
  findChapter,
  readParameters,
  studyPage,
  type Chapter,
  type ChapterResult,
  type Parameter,
  type ParameterValues,
} from "sabok/study";
import { UsageError, defineCommand, wordOption, type Command } from "../command.ts";
import { formatBytes } from "../format.ts";
import { showChapter, showChapterList, type StudyLanguage } from "../studyView.ts";
import type { Terminal } from "../terminal.ts";

const languages = ["en", "fa"] as const satisfies readonly StudyLanguage[];

const args = {
  chapter: {
    type: "positional",
    required: false,
    valueHint: "chapter",
    description: "Its number, such as 1.3",
  },
  lang: { type: "string", valueHint: "language", description: "en or fa (Persian); en if not given" },
  html: {
    type: "string",
    valueHint: "file",
    description: "Write the page here: text, formulas and plots, in one file",
  },
} as const satisfies ArgsDef;

const modelArgument = {
  model: {
    type: "string",
    valueHint: "model",
    description: "A network of your own: a model file or a run's folder",
  },
} as const satisfies ArgsDef;

export const studyCommand = defineCommand({
  name: "study",
  summary: "run a chapter of the study: a question, an experiment, a verdict",
  description:
    "Without a chapter, lists the questions with the verdict of each. With one, runs its experiment on the real engine. Its parameters are options: " +
    "sabok study <chapter> --help shows them.",
  args,
  examples: [
    ["sabok study", "The list"],
    ["sabok study 1.3 --alpha 2", "A chapter with a parameter of its own"],
    ["sabok study 1.1 --lang fa --html bn.html", "Its page, in Persian"],
  ],
  specialize(raw): Command | undefined {
    const chapter = chapters.find(({ id }) => id === raw.find((word) => /^\d/.test(word)));
    return chapter && commandOf(chapter);
  },
  // oxlint-disable-next-line require-await
  async run(given, terminal) {
    const lang = languageOf(given.lang);
    if (given.chapter !== undefined) findChapter(given.chapter); // throws: chapters that exist are specialised
    terminal.document({
      type: "study",
      chapters: chapters.map(({ id, title, question, verdict }) => ({
        id,
        title: title[lang],
        question: question[lang],
        verdict,
      })),
    });
    if (!terminal.json) showChapterList(terminal, chapters, lang);
    return 0;
  },
});

/** `sabok study <id>` with the chapter's parameters as options. */
function commandOf(chapter: Chapter): Command {
  const own: ArgsDef = Object.fromEntries(
    chapter.parameters.map((parameter) => [
      parameter.name,
      { type: "string" as const, valueHint: hintOf(parameter), description: describe(parameter) },
    ]),
  );
  return {
    ...studyCommand,
    description: `Chapter ${chapter.id}: ${chapter.question.en}`,
    args: { ...own, ...(chapter.takesModel && modelArgument), ...args },
    examples: [
      [`sabok study ${chapter.id}`, "With the defaults"],
      [`sabok study ${chapter.id} --lang fa --html chapter.html`, "Its page, in Persian"],
    ],
    run: (given, terminal) => runChapter(chapter, given, terminal),
  } as Command;
}

async function runChapter(chapter: Chapter, given: ParsedArgs<ArgsDef>, terminal: Terminal): Promise<number> {
  const lang = languageOf(textOf(given, "lang"));
  const wanted: ParameterValues = Object.fromEntries(
    chapter.parameters.flatMap(({ name }) =>
      textOf(given, name) === undefined ? [] : [[name, textOf(given, name)!]],
    ),
  );
  const values = readParameters(chapter.id, chapter.parameters, wanted);
  const model = textOf(given, "model");
  const result = await chapter.run(values, {
    ...(model !== undefined && { model: await readModelFile(model) }),
    onProgress: (share, what) => terminal.progress(() => `  ${what} … ${Math.round(100 * share)} %`),
    checkpoint: readStudyCheckpoint,
  });
  terminal.clearProgress();
  const file = textOf(given, "html");
  if (file !== undefined) await writePage(file, await studyPage(chapter, values, result, lang), terminal);
  terminal.document(documentOf(chapter, values, result, lang));
  if (!terminal.json && file === undefined) showChapter(terminal, chapter, values, result, lang);
  return 0;
}

/** An option of a chapter's command, whose own options are texts all. */
function textOf(given: ParsedArgs<ArgsDef>, name: string): string | undefined {
  const value: unknown = given[name];
  return typeof value === "string" ? value : undefined;
}

function languageOf(text: string | undefined): StudyLanguage {
  return wordOption("--lang", text, languages) ?? "en";
}

async function writePage(file: string, page: string, terminal: Terminal): Promise<void> {
  if (file.trim() === "") throw new UsageError("--html needs a file, for example --html chapter.html.");
  await mkdir(dirname(file), { recursive: true }).catch((error: Error) => {
    throw new SabokError(`${file}: its folder cannot be made (${error.message}).`);
  });
  await writeFileWhole(file, new TextEncoder().encode(page));
  terminal.line(`${file}  ${formatBytes(new TextEncoder().encode(page).length)}`);
}

/** The one document of --json; words in the language asked for. */
function documentOf(
  chapter: Chapter,
  parameters: ParameterValues,
  result: ChapterResult,
  lang: StudyLanguage,
): object {
  const cell = (value: ChapterResult["tables"][number]["rows"][number][number]) =>
    typeof value === "object" ? value[lang] : value;
  return {
    id: chapter.id,
    title: chapter.title[lang],
    question: chapter.question[lang],
    claim: chapter.claim[lang],
    parameters,
    results: result.results,
    series: result.series.map(({ name, x, y, unit, figure, xLabel, yLabel }) => ({
      name: name[lang],
      x,
      y,
      unit,
      figure,
      xLabel: xLabel[lang],
      yLabel: yLabel[lang],
    })),
    matrices: result.matrices.map(({ name, rows }) => ({ name: name[lang], rows })),
    tables: result.tables.map(({ title, columns, rows }) => ({
      title: title[lang],
      columns: columns.map((column) => column[lang]),
      rows: rows.map((row) => row.map(cell)),
    })),
    symbolic: result.symbolic.map(({ label, tex }) => ({ label: label[lang], tex })),
    verdict: { status: result.verdict.status, text: result.verdict.text[lang] },
  };
}

function hintOf(parameter: Parameter): string {
  if (parameter.kind === "number") return parameter.whole ? "n" : "number";
  return parameter.kind === "choice" ? "word" : "text";
}

function describe(parameter: Parameter): string {
  const { label, default: usual } = parameter;
  if (parameter.kind === "number")
    return `${label.en}: ${parameter.least} to ${parameter.most}; ${usual} if not given`;
  if (parameter.kind === "choice")
    return `${label.en}: ${parameter.choices.join(", ")}; ${usual} if not given`;
  return `${label.en}, such as ${parameter.example}; ${usual} if not given`;
}
