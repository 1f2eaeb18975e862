// The Design room: the cheapest stack of convolutions that sees enough, searched exactly, with the frontier to pick from.
import { stackText, type Design, type DesignResult } from "sabok/analysis";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { call } from "../../engine/engine.ts";
import { Button } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useJob, type JobView } from "../../shared/useJob.ts";
import { useUrlState } from "../../shared/useUrlState.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { RoomProps } from "../../shell/rooms.ts";
import { AnswerPanel } from "./AnswerPanel.tsx";
import { CodePanel } from "./CodePanel.tsx";
import "./design.css";
import { DesignControls, type DesignSignals } from "./DesignControls.tsx";
import { designUrlDefaults, optionsOf } from "./designOptions.ts";
import { DegenerateDetails, DepthPanel, isDesign } from "./DepthPanel.tsx";
import { FrontierPlot, same } from "./FrontierPlot.tsx";
import { InfeasiblePanel } from "./InfeasiblePanel.tsx";
import { OptimalityPanel } from "./OptimalityPanel.tsx";
import { designWords } from "./words.ts";

export function DesignRoom({ state }: RoomProps) {
  const words = useWords(designWords);
  const url = useUrlState(state, designUrlDefaults);
  const job = useJob("design");
  const cancelled = useSignal(false);
  const { pick: _, ...settings } = url;
  const read = optionsOf({
    height: settings.height.value,
    width: settings.width.value,
    threshold: settings.threshold.value,
    strict: settings.strict.value,
    measure: settings.measure.value,
    from: settings.from.value,
    to: settings.to.value,
    kernels: settings.kernels.value,
    dilation: settings.dilation.value,
    strides: settings.strides.value,
    output: settings.output.value,
    channels: settings.channels.value,
    cost: settings.cost.value,
    coverage: settings.coverage.value,
    pick: "",
  });
  const options = "options" in read ? read.options : undefined;
  const search = (): void => {
    cancelled.value = false;
    if (options) void job.run(options);
    else job.cancel();
  };
  const question = JSON.stringify(options);
  useEffect(search, [question]);
  // Another question begins at its own best stack, unless the URL brought a pick with it.
  const asked = useRef({ question, pick: url.pick.peek() });
  const pick = url.pick.value;
  useEffect(() => {
    const { question: before, pick: kept } = asked.current;
    if (before !== question && kept === pick) url.pick.value = "best";
    asked.current = { question, pick: url.pick.peek() };
  }, [question, pick]);
  const result = job.result.value;
  return (
    <div class="room design">
      <header>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </header>
      <div class="with-side">
        <Panel title={words.question} class="side">
          <DesignControls url={url} fault={"fault" in read ? read.fault : undefined} />
        </Panel>
        <div class="stack answers">
          {job.running.value && (
            <Searching job={job} onCancel={() => ((cancelled.value = true), job.cancel())} />
          )}
          {cancelled.value && (
            <Message kind="info" actions={<Button onClick={search}>{words.search}</Button>}>
              {words.cancelled}
            </Message>
          )}
          <ErrorMessage error={job.error.value} onRetry={search} />
          {options && result && <Answer result={result} url={url} />}
        </div>
      </div>
    </div>
  );
}

function Searching({ job, onCancel }: { readonly job: JobView<"design">; readonly onCancel: () => void }) {
  const words = useWords(designWords);
  const { integer } = useNumbers();
  const report = job.progress.value;
  return (
    <Panel title={words.starting} class="searching">
      <Progress
        label={
          report
            ? words.searching(integer(report.depth), integer(report.deepest), integer(report.states))
            : words.starting
        }
        value={report && (report.depth - 1) / report.deepest}
        onCancel={onCancel}
      />
      {report && (
        <div class="row">
          {report.best !== undefined && (
            <span class="note">{words.soFar(integer(report.best), integer(report.lowerBound))}</span>
          )}
          <Button kind="main" icon="stop" onClick={() => void call("stopDesign", null)}>
            {words.stop}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Answer({ result, url }: { readonly result: DesignResult; readonly url: DesignSignals }) {
  const words = useWords(designWords);
  const { best, problem } = result;
  const picked = pickedOf(result, url.pick.value) ?? best ?? undefined;
  const pick = (stack: Design): void => {
    url.pick.value = best && same(stack, best) ? "best" : pickText(stack);
  };
  return (
    <>
      {!result.feasible && <InfeasiblePanel result={result} url={url} />}
      {picked && (
        <AnswerPanel
          result={result}
          stack={picked}
          isBest={best !== null && same(picked, best)}
          onBack={() => (url.pick.value = "best")}
        />
      )}
      <Panel title={words.frontier} lead={words.frontierLead}>
        <FrontierPlot result={result} picked={picked} onPick={pick} />
      </Panel>
      {picked && <CodePanel key={stackText(picked.layers)} stack={picked} problem={problem} />}
      <DepthPanel result={result} picked={picked} onPick={pick} />
      <OptimalityPanel result={result} />
      <DegenerateDetails result={result} />
    </>
  );
}

/** A stack as the URL names it: "3d8-3d3-3". */
function pickText({ layers }: Design): string {
  return layers
    .map(
      ({ kernel, dilation, stride }) =>
        `${kernel}${dilation > 1 ? `d${dilation}` : ""}${stride > 1 ? `s${stride}` : ""}`,
    )
    .join("-");
}

/** The stack that the URL names, where the answer has it. */
function pickedOf({ frontier, perDepth }: DesignResult, text: string): Design | undefined {
  return [...frontier, ...perDepth.filter(isDesign)].find((stack) => pickText(stack) === text);
}
