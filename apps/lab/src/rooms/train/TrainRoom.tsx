// The Train room: a live run, its inside, and two runs compared.
import { useSignal } from "@preact/signals";
import { Message } from "../../shared/feedback.tsx";
import { sharedWords } from "../../shared/sharedWords.ts";
import { useUrlState } from "../../shared/useUrlState.ts";
import { useWords } from "../../shared/words.ts";
import type { RoomProps } from "../../shell/rooms.ts";
import { ComparePanel } from "./ComparePanel.tsx";
import { CurvesPanel } from "./CurvesPanel.tsx";
import { GuessesPanel } from "./GuessesPanel.tsx";
import { LayersPanel, NormsPanel } from "./LayersPanel.tsx";
import { RunPanel } from "./RunPanel.tsx";
import { currentRun, isRunLost, runs } from "./runs.ts";
import { SettingsPanel } from "./SettingsPanel.tsx";
import { defaultSettings } from "./settings.ts";
import { trainWords } from "./words.ts";
import "./train.css";

export function TrainRoom({ state }: RoomProps) {
  const words = useWords(trainWords);
  const shared = useWords(sharedWords);
  const signals = useUrlState(state, defaultSettings);
  const compared = useSignal(0);
  const run = currentRun.value;
  const other = runs.value.find((each) => each !== run && each.number === compared.value);
  return (
    <div class="room train">
      <header>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </header>
      {!crossOriginIsolated && <Message kind="warning">{shared.oneThread}</Message>}
      <div class="train-columns">
        <SettingsPanel signals={signals} />
        <div class="stack train-views">
          {run ? (
            <>
              <RunPanel key={`run ${run.number}`} run={run} />
              <CurvesPanel key={`curves ${run.number}`} run={run} other={other} />
              <ComparePanel run={run} other={other} chosen={compared} />
              <GuessesPanel key={`guesses ${run.number}`} run={run} />
              <LayersPanel key={`layers ${run.number}`} run={run} />
              <NormsPanel key={`norms ${run.number}`} run={run} />
            </>
          ) : (
            <>
              {isRunLost.value && <Message kind="warning">{words.lost}</Message>}
              <p class="train-idle">{words.idle}</p>
            </>
          )}
        </div>
      </div>
    </div>
  );
}
