// The study: every question of the problem set as an experiment that runs. Read by the CLI, the page, the Lab and the tests.
export type {
  Chapter,
  ChapterContext,
  ChapterResult,
  Matrix,
  Parameter,
  ParameterValues,
  Series,
  SymbolicRow,
  Table,
  Text,
  Verdict,
} from "./chapter.ts";
export { chapters } from "./chapters.ts";
export { findChapter } from "./findChapter.ts";
export { numbered } from "./pageNumbers.ts";
export { readParameters } from "./parameters.ts";
export { studyPage, studyWords } from "./studyPage.ts";
