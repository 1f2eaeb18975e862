// The Convolve room: a convolution as a moving window and as a matrix, over numbers and over a picture, and regions of interest.
import { useMemo } from "preact/hooks";
import { Choice } from "../../shared/controls.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useUrlState } from "../../shared/useUrlState.ts";
import { useWords } from "../../shared/words.ts";
import type { RoomProps } from "../../shell/rooms.ts";
import "./convolve.css";
import { ranges, within } from "./geometry.ts";
import { GridView } from "./GridView.tsx";
import { presetKernel, readKernel } from "./kernels.ts";
import { PictureView } from "./PictureView.tsx";
import { RegionsView } from "./RegionsView.tsx";
import { RuleControls } from "./RuleControls.tsx";
import { convolveDefaults } from "./urlDefaults.ts";
import { convolveWords } from "./words.ts";

const tabs = ["grid", "picture", "regions"] as const;

export function ConvolveRoom({ state }: RoomProps) {
  const words = useWords(convolveWords);
  const url = useUrlState(state, convolveDefaults);
  const tab = tabs.find((name) => name === url.tab.value) ?? "grid";
  const edge = within(url.kernel.value, ranges.kernel);
  const kernel = useMemo(
    () => readKernel(url.weights.value, edge) ?? presetKernel("sobelX", edge),
    [url.weights.value, edge],
  );
  return (
    <div class="room convolve">
      <header>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </header>
      <Choice
        label={words.tab}
        quiet
        value={tab}
        options={tabs.map((value) => ({ value, label: words.tabs[value] }))}
        onChange={(value) => (url.tab.value = value)}
      />
      {tab === "regions" ? (
        <RegionsView url={url} />
      ) : (
        <div class="with-side">
          <Panel title={words.rule} class="side">
            <RuleControls url={url} kernel={kernel} />
          </Panel>
          {tab === "grid" ? (
            <GridView url={url} kernel={kernel} />
          ) : (
            <PictureView url={url} kernel={kernel} />
          )}
        </div>
      )}
    </div>
  );
}
