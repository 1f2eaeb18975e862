// Makes a chapter out of its parts; `run` gets its parameters checked and typed.
import type { Chapter, ChapterContext, ChapterResult, Parameter } from "./chapter.ts";
import { readParameters, type Declarations, type ValuesOf } from "./parameters.ts";

/** A chapter whose parameters are declared by name; results that a run leaves out are empty. */
export type ChapterDefinition<D extends Declarations> = Omit<Chapter, "parameters" | "run"> & {
  readonly parameters: D;
  run(values: ValuesOf<D>, context: ChapterContext): Promise<Findings> | Findings;
};

/** What an experiment finds. */
export type Findings = Pick<ChapterResult, "results" | "verdict"> & Partial<ChapterResult>;

export function defineChapter<const D extends Declarations>(definition: ChapterDefinition<D>): Chapter {
  const parameters = Object.entries(definition.parameters).map(
    ([name, declaration]) => ({ name, ...declaration }) as Parameter,
  );
  return {
    ...definition,
    parameters,
    async run(given, context = {}) {
      const values = readParameters(definition.id, parameters, given) as ValuesOf<D>;
      const found = await definition.run(values, context);
      return { series: [], matrices: [], tables: [], symbolic: [], ...found };
    },
  };
}
