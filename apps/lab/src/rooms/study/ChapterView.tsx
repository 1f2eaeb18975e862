// One chapter: its question and claim, the parameters, the experiment run by the engine, the verdict, the text.
import type { ParameterValues } from "sabok/study";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../../engine/engine.ts";
import type { ChapterText } from "../../engine/jobs/study.ts";
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { Prose } from "../../shared/tex.tsx";
import { useJob } from "../../shared/useJob.ts";
import type { UrlState } from "../../shared/useUrlState.ts";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { hrefOf } from "../../shell/router.ts";
import { saveFile } from "../../shared/saveFile.ts";
import { chapterNumber } from "./chapterNumber.ts";
import { Findings } from "./Findings.tsx";
import { ParameterFields } from "./ParameterFields.tsx";
import { keyOf, linkedTrials, messageAtField, parameterOf, urlOf, valuesFrom } from "./parameters.ts";
import { VerdictBadge } from "./VerdictBadge.tsx";
import { studyWords } from "./words.ts";

export interface ChapterViewProps {
  readonly chapter: ChapterText;
  readonly state: UrlState;
}

/** A change is run when nothing has changed for so long, in milliseconds. */
const patience = 250;

export function ChapterView({ chapter, state }: ChapterViewProps) {
  const words = useWords(studyWords);
  const numbers = useNumbers();
  const lang = language.value;
  const { id, parameters } = chapter;
  const job = useJob("studyRun");
  const isCancelled = useSignal(false);
  const values = valuesFrom(parameters, state.params.value);
  const written = JSON.stringify(values);

  const run = (): void => {
    isCancelled.value = false;
    void job.run({ chapter: id, values });
  };
  const isFirst = job.result.value === undefined && job.error.value === undefined;
  useEffect(() => {
    const timer = setTimeout(run, isFirst ? 0 : patience);
    return () => clearTimeout(timer);
  }, [id, written]);

  const change = (name: string, value: number | string): void =>
    state.set(urlOf(parameters, { ...values, [name]: value }, state.params.peek()));
  const cancel = (): void => {
    job.cancel();
    isCancelled.value = true;
  };

  const error = job.error.value;
  const refused = error instanceof Error ? parameterOf(error.message, parameters) : undefined;
  const errors = refused ? { [refused]: refusal(refused, (error as Error).message) } : {};
  const result = job.result.value;
  const progress = job.progress.value;
  const verdict = result?.verdict;
  const [why, others] = splitText(chapter.text[lang]);
  const linked = (markdown: string): string =>
    linkedTrials(markdown, parameters, (trial) => trialHref(id, trial));

  /** The chapter's own message; of ranges and choices, which the page knows, in the page's language. */
  function refusal(name: string, message: string): string {
    const parameter = parameters.find((one) => one.name === name)!;
    const got = String(values[name] ?? parameter.default);
    if (words.refused && parameter.kind === "choice")
      return words.refused.choice(got, parameter.choices.join("، "));
    if (words.refused && parameter.kind === "number") {
      const [least, most, usual] = [parameter.least, parameter.most, parameter.default].map((value) =>
        numbers.significant(value, 6),
      );
      return words.refused.number(numbers.digits(got), least!, most!, usual!);
    }
    return messageAtField(message);
  }

  return (
    <article class="chapter">
      <header>
        <p class="muted">
          {words.chapter} {chapterNumber(id, lang)}
        </p>
        <h2>{chapter.title[lang]}</h2>
        <p class="question">
          <Prose text={chapter.question[lang]} inline />
        </p>
        <p>
          <b>{words.claim}:</b> <Prose text={chapter.claim[lang]} inline />
        </p>
        <div class={`verdict ${verdict?.status ?? chapter.verdict}`} aria-live="polite">
          <p>
            <VerdictBadge status={verdict?.status ?? chapter.verdict} />{" "}
            <b>{words.verdictTitles[verdict?.status ?? chapter.verdict]}</b>
          </p>
          {verdict && (
            <p>
              <Prose text={verdict.text[lang]} inline />
            </p>
          )}
        </div>
      </header>
      <div class="chapter-columns">
        <Panel
          title={words.parameters}
          class="chapter-parameters"
          actions={
            Object.keys(values).length > 0 && (
              <Button
                kind="bare"
                icon="undo"
                onClick={() => state.set(urlOf(parameters, {}, state.params.peek()))}
              >
                {words.reset}
              </Button>
            )
          }
        >
          {parameters.length > 0 ? (
            <ParameterFields parameters={parameters} values={values} onChange={change} errors={errors} />
          ) : (
            <p class="muted">{words.none}</p>
          )}
        </Panel>
        <Panel
          title={words.experiment}
          actions={result && <SaveButton chapter={id} values={values} />}
          class={job.running.value ? "is-running" : ""}
        >
          <div class="stack">
            {job.running.value && (
              <Progress
                label={progress ? `${words.running}: \u2068${progress.what}\u2069` : words.running}
                value={progress?.share}
                onCancel={cancel}
              />
            )}
            {isCancelled.value && (
              <Message actions={<Button onClick={run}>{words.again}</Button>}>{words.notYet}</Message>
            )}
            {refused && <Message kind="warning">{result ? words.stale : words.mend}</Message>}
            {!refused && <ErrorMessage error={error} onRetry={run} />}
            {result && <Findings result={result} />}
          </div>
        </Panel>
      </div>
      <Panel title={why.title}>
        <Prose text={linked(why.body)} />
      </Panel>
      <div class="chapter-texts">
        {others.map(({ title, body }) => (
          <Panel key={title} title={title}>
            <Prose text={linked(body)} />
          </Panel>
        ))}
      </div>
    </article>
  );
}

function SaveButton({ chapter, values }: { readonly chapter: string; readonly values: ParameterValues }) {
  const words = useWords(studyWords);
  const error = useSignal<unknown>(undefined);
  const isWriting = useSignal(false);
  const save = async (): Promise<void> => {
    isWriting.value = true;
    error.value = undefined;
    try {
      const page = await call("studyFile", { chapter, values, language: language.peek() });
      saveFile(`sabok-study-${chapter}-${language.peek()}.html`, page, "text/html");
    } catch (problem) {
      error.value = problem;
    } finally {
      isWriting.value = false;
    }
  };
  return (
    <>
      <Button icon="download" disabled={isWriting.value} onClick={() => void save()}>
        {isWriting.value ? words.saving : words.save}
      </Button>
      <ErrorMessage error={error.value} />
    </>
  );
}

interface TextPart {
  readonly title: string;
  readonly body: string;
}

/** The text by its `##` headings: the first part, and the rest. */
function splitText(markdown: string): readonly [TextPart, readonly TextPart[]] {
  const parts = markdown
    .split(/^## /m)
    .filter((part) => part.trim() !== "")
    .map((part): TextPart => {
      const [title = "", ...lines] = part.split("\n");
      return { title: title.trim(), body: lines.join("\n") };
    });
  return [parts[0]!, parts.slice(1)];
}

function trialHref(chapter: string, values: ParameterValues): string {
  const keyed = Object.entries(values).map(([name, value]) => [keyOf(name), String(value)]);
  return hrefOf("study", { chapter, ...Object.fromEntries(keyed) });
}
