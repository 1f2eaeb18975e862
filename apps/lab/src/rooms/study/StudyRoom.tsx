// The Study room: the chapters with their verdicts, and the one that is open.
import type { RoomProps } from "../../shell/rooms.ts";
import { hrefOf } from "../../shell/router.ts";
import { useEffect } from "preact/hooks";
import type { ChapterText } from "../../engine/jobs/study.ts";
import { Choice } from "../../shared/controls.tsx";
import { ErrorMessage, Progress } from "../../shared/feedback.tsx";
import { useJob } from "../../shared/useJob.ts";
import { useWidth } from "../../shared/useWidth.ts";
import { language, useWords } from "../../shared/words.ts";
import { chapterNumber } from "./chapterNumber.ts";
import { ChapterView } from "./ChapterView.tsx";
import { VerdictBadge } from "./VerdictBadge.tsx";
import { studyWords } from "./words.ts";
import "./study.css";

export function StudyRoom({ state }: RoomProps) {
  const words = useWords(studyWords);
  const job = useJob("studyChapters");
  const load = (): void => void job.run(undefined);
  useEffect(load, []);
  const chapters = job.result.value;
  const wanted = state.params.value["chapter"];
  const open = chapters?.find(({ id }) => id === wanted) ?? chapters?.[0];
  return (
    <div class="room study">
      <header>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </header>
      {job.running.value && <Progress label={words.loading} />}
      <ErrorMessage error={job.error.value} onRetry={load} />
      {chapters && open && (
        <div class="study-columns">
          <Contents chapters={chapters} open={open} />
          <ChapterView key={open.id} chapter={open} state={state} />
        </div>
      )}
    </div>
  );
}

/** Narrower than this the contents are a menu. Pixels of the contents' own frame or the window's. */
const menuBelow = 1024;

function Contents({
  chapters,
  open,
}: {
  readonly chapters: readonly ChapterText[];
  readonly open: ChapterText;
}) {
  const words = useWords(studyWords);
  const lang = language.value;
  const [frame, width] = useWidth<HTMLDivElement>();
  const isMenu = width.value > 0 && innerWidth < menuBelow;
  const titleOf = ({ id, title }: ChapterText): string => `${chapterNumber(id, lang)} ${title[lang]}`;
  const groups = [...new Set(chapters.map(({ id }) => id[0]!))];
  return (
    <div ref={frame} class="contents">
      {isMenu ? (
        <Choice
          label={words.chapter}
          as="menu"
          value={open.id}
          options={chapters.map((chapter) => ({
            value: chapter.id,
            label: `${titleOf(chapter)} (${words.verdicts[chapter.verdict]})`,
          }))}
          onChange={(id) => (location.hash = hrefOf("study", { chapter: id }))}
        />
      ) : (
        <nav aria-label={words.chapters}>
          {groups.map((group) => (
            <section key={group} aria-label={words.groups[group]}>
              <h2>{words.groups[group]}</h2>
              <ul>
                {chapters
                  .filter(({ id }) => id.startsWith(group))
                  .map((chapter) => (
                    <li key={chapter.id}>
                      <a
                        href={hrefOf("study", { chapter: chapter.id })}
                        aria-current={chapter === open ? "true" : undefined}
                      >
                        <span class="number">{chapterNumber(chapter.id, lang)}</span>
                        <span>{chapter.title[lang]}</span>
                        <VerdictBadge status={chapter.verdict} />
                      </a>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </nav>
      )}
    </div>
  );
}
