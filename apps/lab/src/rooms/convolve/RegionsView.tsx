// Regions of interest: a box over a feature map, the points that are read, what RoIAlign, nearest reading and RoIPool make
// of it, and what goes back to the map.
import { useComputed, useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Button, Choice, NumberField, Slider, Switch } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { Reading, RegionsRequest, RegionsResult } from "../../engine/jobs/convolveRegions.ts";
import { imageSize, soundBox, type Box } from "./box.ts";
import { CellGrid } from "./CellGrid.tsx";
import { within } from "./geometry.ts";
import { symbolOf } from "./links.ts";
import { RegionMap } from "./RegionMap.tsx";
import { smallMap } from "./smallMaps.ts";
import { useLatestJob } from "./useLatestJob.ts";
import { usePicture } from "./usePicture.ts";
import { convolveWords } from "./words.ts";

export interface RegionSignals {
  readonly x1: Signal<number>;
  readonly y1: Signal<number>;
  readonly x2: Signal<number>;
  readonly y2: Signal<number>;
  readonly bins: Signal<number>;
  readonly samples: Signal<number>;
  readonly aligned: Signal<boolean>;
  readonly reading: Signal<string>;
  readonly featureMap: Signal<string>;
  readonly featureSize: Signal<number>;
  readonly bin: Signal<number>;
  readonly file: Signal<string>;
}

const readings = ["align", "nearest", "pool"] as const satisfies readonly Reading[];
const featureMaps = ["picture", "plane", "bent", "steps"] as const;
type FeatureMap = (typeof featureMaps)[number];

export function RegionsView({ url }: { readonly url: RegionSignals }) {
  const words = useWords(convolveWords);
  const size = within(url.featureSize.value, [6, 14]);
  const bins = within(url.bins.value, [1, 5]);
  const samples = within(url.samples.value, [1, 4]);
  const name: FeatureMap = featureMaps.find((known) => known === url.featureMap.value) ?? "picture";
  const reading: Reading = readings.find((known) => known === url.reading.value) ?? "align";
  const picture = usePicture(url.file, size);
  const map = useMemo<ArrayLike<number>>(
    () =>
      name === "picture" ? picture.shades.map((shade) => Math.round(100 * shade)) : smallMap(name, size),
    [name, size, picture.shades],
  );
  const box = soundBox([url.x1.value, url.y1.value, url.x2.value, url.y2.value]);
  const pinned = url.bin.value >= 0 && url.bin.value < bins ** 2 ? Math.floor(url.bin.value) : undefined;
  const job = useLatestJob("convolveRegions");
  useEffect(() => {
    job.run({
      map,
      size,
      box,
      spatialScale: size / imageSize,
      bins,
      samplingRatio: samples,
      aligned: url.aligned.value,
      cotangent: pinned ?? "ones",
    });
  }, [map, box.join(), bins, samples, url.aligned.value, pinned]);
  const answer = job.answer.value;
  return (
    <div class="with-side">
      <Panel title={words.rule} class="side">
        <RegionControls
          url={url}
          reading={reading}
          name={name}
          box={box}
          size={size}
          bins={bins}
          samples={samples}
        />
      </Panel>
      <div class="stack">
        <ErrorMessage error={job.error.value} />
        {answer ? (
          <Regions url={url} reading={reading} pinned={pinned} box={box} {...answer} />
        ) : (
          job.error.value === undefined && <Progress label={words.computing} />
        )}
      </div>
    </div>
  );
}

function setBox(url: RegionSignals, [x1, y1, x2, y2]: Box): void {
  url.x1.value = x1;
  url.y1.value = y1;
  url.x2.value = x2;
  url.y2.value = y2;
}

/** The box with one of its edges typed over. */
function changedBox([x1, y1, x2, y2]: Box, edge: number, value: number): Box {
  return soundBox([
    edge === 0 ? value : x1,
    edge === 1 ? value : y1,
    edge === 2 ? value : x2,
    edge === 3 ? value : y2,
  ]);
}

interface RegionControlsProps {
  readonly url: RegionSignals;
  readonly reading: Reading;
  readonly name: FeatureMap;
  readonly box: Box;
  readonly size: number;
  readonly bins: number;
  readonly samples: number;
}

function RegionControls({ url, reading, name, box, size, bins, samples }: RegionControlsProps) {
  const words = useWords(convolveWords);
  const { significant } = useNumbers();
  const fields = ["x1", "y1", "x2", "y2"] as const;
  return (
    <div class="stack">
      <Choice
        label={words.reading}
        value={reading}
        options={readings.map((value) => ({ value, label: words.readings[value] }))}
        onChange={(value) => (url.reading.value = value)}
      />
      <p class="note">{words.aboutReading[reading]}</p>
      {reading !== "pool" && (
        <>
          <Switch
            label={words.aligned}
            value={url.aligned.value}
            onChange={(value) => (url.aligned.value = value)}
          />
          <p class="note">{words.aboutAligned[url.aligned.value ? "yes" : "no"]}</p>
          <Slider
            label={words.samples}
            value={samples}
            onChange={(value) => (url.samples.value = value)}
            min={1}
            max={4}
          />
        </>
      )}
      <Slider
        label={words.bins}
        value={bins}
        onChange={(value) => (url.bins.value = value)}
        min={1}
        max={5}
      />
      <Choice
        as="menu"
        label={words.map}
        value={name}
        options={featureMaps.map((value) => ({ value, label: words.maps[value] }))}
        onChange={(value) => (url.featureMap.value = value)}
      />
      <Slider
        label={words.mapCells}
        value={size}
        onChange={(value) => (url.featureSize.value = value)}
        min={6}
        max={14}
      />
      <p class="note">{words.imageStep(significant(imageSize / size, 3))}</p>
      <div class="box-fields">
        {fields.map((field, i) => (
          <NumberField
            key={field}
            label={words.boxField[field]}
            value={box[i]!}
            onChange={(value) => setBox(url, changedBox(box, i, value))}
            min={0}
            max={imageSize}
            step={0.25}
          />
        ))}
      </div>
    </div>
  );
}

interface RegionsProps {
  readonly url: RegionSignals;
  readonly reading: Reading;
  readonly pinned: number | undefined;
  /** The box as it is now; the answer may still be to the one before. */
  readonly box: Box;
  readonly request: RegionsRequest;
  readonly result: RegionsResult;
}

function Regions({ url, reading, pinned, box, request, result }: RegionsProps) {
  const words = useWords(convolveWords);
  const { integer } = useNumbers();
  const { bins, size, map } = request;
  const hovered = useSignal<{ readonly reading: Reading; readonly bin: number } | undefined>(undefined);
  const pointed =
    useComputed(() => hovered.value).value ?? (pinned === undefined ? undefined : { reading, bin: pinned });
  const shown = pointed?.reading ?? reading;
  const { weights, gradient } = result.pooled[shown];
  const cells = size ** 2;
  const binWeights = pointed && weights.subarray(pointed.bin * cells, (pointed.bin + 1) * cells);
  const outside = result.counted.reduce((count, counts) => count + (counts === 0 ? 1 : 0), 0);
  const pool = shown === "pool";
  const binName = (bin: number): string => symbolOf("", bin, bins);
  const placeOf = (bin: number): string =>
    `\u2066(${integer(Math.floor(bin / bins) + 1)}, ${integer((bin % bins) + 1)})\u2069`;
  return (
    <>
      <Panel title={words.regionsTitle} lead={words.regionsLead}>
        <div class="regions">
          <RegionMap
            size={size}
            map={map}
            box={box}
            bins={bins}
            points={pool ? [] : result.points}
            counted={result.counted}
            side={result.side}
            weights={binWeights}
            bin={pointed?.bin}
            rounded={pool ? extentOf(result.pooled.pool.weights, size) : undefined}
            onBox={(next) => setBox(url, next)}
          />
          <div class="stack">
            <h3>{words.pooledTitle}</h3>
            <div class="pooled" dir="ltr">
              {readings.map((name) => (
                <figure key={name} class={name === reading ? "grid-figure current" : "grid-figure"}>
                  <figcaption dir="auto">{words.readings[name]}</figcaption>
                  <CellGrid
                    label={words.pooledLabel(words.readings[name])}
                    rows={bins}
                    columns={bins}
                    values={result.pooled[name].bins}
                    cell={Math.floor(150 / bins)}
                    kind="y"
                    nameOf={binName}
                    lit={pointed?.reading === name ? new Set([pointed.bin]) : nothing}
                    chosen={pointed?.reading === name ? pointed.bin : undefined}
                    onPoint={(bin) =>
                      (hovered.value = bin === undefined ? undefined : { reading: name, bin })
                    }
                    onPin={(bin) => {
                      url.reading.value = name;
                      url.bin.value = bin === pinned && name === reading ? -1 : bin;
                    }}
                  />
                </figure>
              ))}
            </div>
            {outside > 0 && !pool && <Message kind="info">{words.uncounted(integer(outside))}</Message>}
            <h3>{words.gradientTitle}</h3>
            <p class="note">
              {words.gradientLead(pinned === undefined ? undefined : placeOf(pinned))} ·{" "}
              {words.readings[shown]}
            </p>
            <GradientMap
              size={size}
              values={gradient}
              label={`${words.gradientLabel}, ${words.readings[shown]}`}
            />
            {pinned !== undefined && (
              <div>
                <Button onClick={() => (url.bin.value = -1)}>{words.allBins}</Button>
              </div>
            )}
          </div>
        </div>
      </Panel>
    </>
  );
}

const nothing: ReadonlySet<number> = new Set();

interface GradientMapProps {
  readonly size: number;
  readonly values: ArrayLike<number>;
  readonly label: string;
}

function GradientMap({ size, values, label }: GradientMapProps) {
  const most = Math.max(1e-12, ...Array.from(values));
  return (
    <svg class="gradient-map" viewBox={`0 0 ${size * 10} ${size * 10}`} role="img" aria-label={label}>
      {Array.from(values, (value, at) => (
        <rect
          key={at}
          x={(at % size) * 10 + 0.4}
          y={Math.floor(at / size) * 10 + 0.4}
          width={9.2}
          height={9.2}
          rx={1.5}
          style={`--share:${(value / most).toFixed(3)}`}
        />
      ))}
    </svg>
  );
}

/** The cells that all bins together look through, as left, top, right, bottom; undefined where there are none. */
function extentOf(
  weights: Float64Array,
  size: number,
): readonly [number, number, number, number] | undefined {
  let [left, top, right, bottom] = [size, size, 0, 0];
  weights.forEach((weight, at) => {
    if (weight <= 0) return;
    const [row, column] = [Math.floor((at % size ** 2) / size), at % size];
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  });
  return right > left ? [left, top, right, bottom] : undefined;
}
