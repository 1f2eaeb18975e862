// Images that training never sees, and what the network takes them for, as it learns.
import { Icon } from "../../shared/icons.tsx";
import { Panel } from "../../shared/panel.tsx";
import { PictureView } from "../../shared/pictureView.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { TrainingRun } from "./TrainingRun.ts";
import { trainWords } from "./words.ts";

export function GuessesPanel({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const pictures = run.pictures.value;
  const guesses = run.looks.value?.now.guesses;
  const classes = run.data.value?.classes ?? [];
  const nameOf = (label: number): string => words.classes[classes[label]!] ?? classes[label] ?? String(label);
  const right = pictures.filter(({ label }, i) => guesses?.[i]?.predicted === label).length;
  return (
    <Panel
      title={words.guesses}
      lead={guesses && words.guessesLead(numbers.integer(right), numbers.integer(pictures.length))}
    >
      <ul class="guesses">
        {pictures.map((picture, i) => {
          const guess = guesses?.[i];
          if (!guess) return null;
          const isRight = guess.predicted === picture.label;
          const [actual, predicted] = [nameOf(picture.label), nameOf(guess.predicted)];
          const confidence = numbers.percent(guess.confidence, 0);
          return (
            <li key={i} class={isRight ? "right" : "wrong"}>
              <PictureView
                picture={picture}
                label={words.taken(actual, predicted, confidence, isRight ? words.right : words.wrong)}
              />
              <div aria-hidden="true">
                <Icon name={isRight ? "check" : "close"} />
                <bdi>{predicted}</bdi>
                <span class="muted">{confidence}</span>
                {!isRight && <span class="actual">{words.is(actual)}</span>}
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
