// The run under way: where it is, its levers, its figures, and what came out of it.
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Facts, Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { saveFile } from "../../shared/saveFile.ts";
import type { TrainingRun } from "./TrainingRun.ts";
import { trainWords } from "./words.ts";

export function RunPanel({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const phase = run.phase.value;
  return (
    <Panel
      title={words.run(numbers.integer(run.number))}
      actions={<span class={`phase ${phase}`}>{words.phases[phase]}</span>}
      class="train-run"
    >
      <div class="stack">
        <Preparing run={run} />
        <Levers run={run} />
        <Figures run={run} />
        {run.notes.value.map((note) => (
          <Message key={note}>
            <bdi>{note}</bdi>
          </Message>
        ))}
        {phase === "stopped" && <Message>{words.stopped}</Message>}
        <ErrorMessage title={words.failed} error={run.error.value} />
        <Outcome run={run} />
      </div>
    </Panel>
  );
}

function Preparing({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const { phase, reading, training, pictures } = run;
  if (phase.value === "testing") return <Progress label={words.testing} />;
  if (phase.value !== "preparing") return null;
  const stop = (): void => run.stop();
  if (!run.data.value) {
    const { done, total } = reading.value ?? { done: 0, total: 1 };
    return <Progress label={words.reading} value={done / total} onCancel={stop} />;
  }
  const label = training.value && pictures.value.length === 0 ? words.looking : words.compiling;
  return <Progress label={label} onCancel={stop} />;
}

function Levers({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const phase = run.phase.value;
  if (phase !== "going" && phase !== "held") return null;
  const steer = (kind: "hold" | "go" | "step" | "finish") => () => void run.steer({ kind });
  return (
    <>
      <div class="actions levers">
        {phase === "held" ? (
          <Button kind="main" icon="play" onClick={steer("go")}>
            {words.go}
          </Button>
        ) : (
          <Button kind="main" icon="pause" onClick={steer("hold")}>
            {words.hold}
          </Button>
        )}
        <Button icon="step" onClick={steer("step")}>
          {words.step}
        </Button>
        <Button icon="check" onClick={steer("finish")}>
          {words.finish}
        </Button>
        <Button kind="bare" icon="stop" onClick={() => run.stop()}>
          {words.stop}
        </Button>
      </div>
      <p class="note">{words.finishNote}</p>
    </>
  );
}

function Figures({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const steps = run.steps.value;
  const training = run.training.value;
  const network = run.network.value;
  const data = run.data.value;
  if (!training) return null;
  const { facts } = words;
  const progress = steps?.progress;
  const validation = run.epochs.value.at(-1)?.validation;
  const threads = Number(/(\d+) threads?$/.exec(training.backend)?.[1] ?? 1);
  const whole = numbers.integer;
  return (
    <>
      <Facts
        label={words.run(whole(run.number))}
        facts={[
          {
            label: facts.epoch,
            value: `${whole(progress?.epoch ?? 1)} / ${whole(training.epochs)}`,
            note: facts.step(whole(progress?.step ?? 0), whole(training.steps)),
          },
          { label: facts.loss, value: numbers.decimals(progress?.loss ?? NaN, 3), note: facts.lossNote },
          {
            label: facts.accuracy,
            value: numbers.percent(progress?.accuracy ?? NaN, 1),
            note: facts.accuracyNote,
          },
          {
            label: facts.validation,
            value: numbers.percent(validation?.accuracy ?? NaN, 1),
            note: facts.validationNote,
          },
          {
            label: facts.speed,
            value: whole(steps?.imagesPerSecond ?? NaN),
            note: words.threadCount(threads, whole(threads)),
          },
          {
            label: facts.left,
            value: run.isOver ? "–" : numbers.duration(progress?.remainingSeconds ?? NaN),
            note: facts.leftNote,
          },
          {
            label: facts.rate,
            value: numbers.significant(progress?.learningRate ?? NaN, 2),
            note: facts.rateNote,
          },
        ]}
      />
      {data && (
        <p class="note">
          <bdi>{data.name}</bdi> {numbers.shape(data.shape)} ·{" "}
          {words.splits(whole(data.counts.train), whole(data.counts.validation), whole(data.counts.test))}
        </p>
      )}
      {network && (
        <p class="note">
          <bdi dir="ltr">{network.chosen.description}</bdi> · {words.parameters}:{" "}
          {whole(network.chosen.parameters)} · {words.cost}: {whole(network.chosen.macs)}
        </p>
      )}
    </>
  );
}

function Outcome({ run }: { readonly run: TrainingRun }) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const result = run.result.value;
  if (!result) return null;
  const { test, folding, seconds } = result;
  const name = `sabok-${run.data.value?.name ?? "run"}-${run.number}`;
  return (
    <div class="stack outcome">
      <h3>{words.result}</h3>
      <Facts
        label={words.result}
        facts={[
          {
            label: words.testAccuracy,
            value: numbers.percent(test.accuracy, 2),
            note: words.testNote(numbers.integer(test.count)),
          },
          { label: words.testLoss, value: numbers.decimals(test.loss, 3), note: words.testLossNote },
          { label: words.seconds, value: numbers.duration(seconds), note: words.secondsNote },
          {
            label: words.folding,
            value: numbers.integer(folding.layers),
            note: words.foldingNote(numbers.significant(folding.largestDifference, 2)),
          },
        ]}
      />
      <div class="actions">
        <Button
          kind="main"
          icon="download"
          onClick={() => saveFile(`${name}.onnx`, result.onnx, "application/octet-stream")}
        >
          {words.downloadOnnx}
        </Button>
        <Button icon="download" onClick={() => saveFile(`${name}.html`, result.report, "text/html")}>
          {words.downloadReport}
        </Button>
      </div>
    </div>
  );
}
