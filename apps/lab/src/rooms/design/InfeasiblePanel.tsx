// Why no stack will do, in the library's words, and what to change: single changes that the search itself found to help.
import type { DesignResult } from "sabok/analysis";
import { useEffect } from "preact/hooks";
import type { Remedy } from "../../engine/jobs/designRemedies.ts";
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { useJob } from "../../shared/useJob.ts";
import { language, useNumbers, useWords, type Numbers } from "../../shared/words.ts";
import type { DesignSignals } from "./DesignControls.tsx";
import { listText } from "./designOptions.ts";
import { reasonIn } from "./reasons.ts";
import { proofIn } from "./proofIn.ts";
import { designWords } from "./words.ts";

export function InfeasiblePanel({
  result,
  url,
}: {
  readonly result: DesignResult;
  readonly url: DesignSignals;
}) {
  const words = useWords(designWords);
  const numbers = useNumbers();
  const { digits, integer } = numbers;
  const job = useJob("designRemedies");
  useEffect(() => {
    if (result.proof.complete) void job.run(result.problem);
  }, [result]);
  const remedies = job.result.value;
  return (
    <Message kind="warning" title={result.proof.complete ? words.infeasible : words.undecided}>
      <div class="stack">
        <p>{reasonIn(language.value, result.reason ?? "", digits)}</p>
        <p class="note">{proofIn(result, numbers, words)}</p>
        {job.running.value && <Progress label={words.lookingForRemedies} onCancel={job.cancel} />}
        <ErrorMessage error={job.error.value} />
        {!job.running.value && remedies && remedies.length === 0 && <p>{words.noRemedy}</p>}
        {!job.running.value && remedies && remedies.length > 0 && (
          <div>
            <p>{words.remedies}</p>
            <ul class="remedies">
              {remedies.map((remedy) => (
                <li key={JSON.stringify(remedy.change)}>
                  <Button onClick={() => applyRemedy(url, remedy.change)}>
                    {sayRemedy(remedy, words, numbers)}
                  </Button>
                  <span class="note">{words.remedyCost(integer(remedy.macs))}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Message>
  );
}

function sayRemedy(
  { change }: Remedy,
  words: (typeof designWords)["en"],
  { integer, percent }: Numbers,
): string {
  const { remedy } = words;
  const list = (numbers: readonly number[]): string =>
    numbers.map(integer).join(language.value === "fa" ? "، " : ", ");
  if (change.threshold !== undefined) return remedy.threshold(percent(change.threshold, 0));
  if (change.strict !== undefined) return remedy.strict;
  if (change.layers) return remedy.layers(integer(change.layers[0]), integer(change.layers[1]));
  if (change.kernels) return remedy.kernels(list(change.kernels));
  if (change.maxDilation !== undefined) return remedy.maxDilation(integer(change.maxDilation));
  if (change.strides) return remedy.strides(list(change.strides));
  if (change.minOutput !== undefined) return remedy.minOutput(integer(change.minOutput));
  if (change.coverage) return remedy.coverage[change.coverage];
  return remedy.cost;
}

function applyRemedy(url: DesignSignals, change: Remedy["change"]): void {
  if (change.threshold !== undefined) url.threshold.value = change.threshold;
  if (change.strict !== undefined) url.strict.value = change.strict;
  if (change.layers) {
    [url.from.value, url.to.value] = change.layers;
    const channels = url.channels.peek().split(",");
    // One more layer than channels are given for: the last number goes on, as in the search that found this.
    if (channels.length > 1)
      url.channels.value = Array.from(
        { length: change.layers[1] + 1 },
        (_, l) => channels[Math.min(l, channels.length - 1)]!,
      ).join(",");
  }
  if (change.kernels) url.kernels.value = listText(change.kernels);
  if (change.maxDilation !== undefined) url.dilation.value = change.maxDilation;
  if (change.strides) url.strides.value = listText(change.strides);
  if (change.minOutput !== undefined) url.output.value = change.minOutput;
  if (change.coverage) url.coverage.value = change.coverage;
  if (change.cost) url.cost.value = change.cost;
}
