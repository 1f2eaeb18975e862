// The rule over a picture: input, output and gradient side by side, the window over both, and its numbers close up.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button, Choice, Slider } from "../../shared/controls.tsx";
import { DropZone } from "../../shared/dropZone.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { ConvolveRequest, ConvolveResult } from "../../engine/jobs/convolve.ts";
import { CellGrid } from "./CellGrid.tsx";
import { geometryOf, misfitOf, spanOf, within } from "./geometry.ts";
import { MisfitMessage } from "./MisfitMessage.tsx";
import { symbolOf, windowAt } from "./links.ts";
import type { RuleSignals } from "./RuleControls.tsx";
import { rangeOf, ShadeCanvas } from "./ShadeCanvas.tsx";
import { useLatestJob } from "./useLatestJob.ts";
import { usePicture } from "./usePicture.ts";
import { convolveWords } from "./words.ts";

export interface PictureSignals extends RuleSignals {
  readonly pixels: Signal<number>;
  readonly pictureLoss: Signal<string>;
  readonly row: Signal<number>;
  readonly column: Signal<number>;
  readonly file: Signal<string>;
}

const losses = ["own", "one", "ones"] as const;
const edges = [24, 32, 48, 64, 96] as const;

export function PictureView({
  url,
  kernel,
}: {
  readonly url: PictureSignals;
  readonly kernel: readonly number[];
}) {
  const words = useWords(convolveWords);
  const { integer } = useNumbers();
  const edge = edges.find((size) => size === url.pixels.value) ?? 64;
  const picture = usePicture(url.file, edge);
  const geometry = geometryOf(
    {
      operation: url.operation.value,
      kernel: url.kernel.value,
      stride: url.stride.value,
      dilation: url.dilation.value,
      padding: url.padding.value,
      outputPadding: url.outputPadding.value,
    },
    edge,
  );
  const misfit = misfitOf(geometry);
  const loss = losses.find((name) => name === url.pictureLoss.value) ?? "own";
  const job = useLatestJob("convolve");
  const answer = job.answer.value;
  const drawn = answer && place(answer.request, answer.result, url.row.value, url.column.value);
  const one = loss === "one" ? (drawn?.output ?? 0) : -1;
  const key = JSON.stringify(geometry);
  useEffect(() => {
    if (misfit) return;
    job.run({ ...geometry, x: picture.shades, w: kernel, cotangent: loss === "one" ? one : loss });
  }, [key, picture.shades, kernel, loss, one]);
  return (
    <div class="stack">
      <Panel title={words.pictureTitle} lead={words.pictureLead}>
        <DropZone label={words.dropPicture} accept="image/*" onFiles={(files) => void picture.take(files)}>
          <div class="stack">
            <div class="row view-controls">
              <Choice
                as="menu"
                label={words.pictureSize}
                value={String(edge)}
                options={edges.map((size) => ({ value: String(size), label: integer(size) }))}
                onChange={(value) => (url.pixels.value = Number(value))}
              />
              <Choice
                as="menu"
                label={words.loss}
                value={loss}
                options={losses.map((value) => ({ value, label: words.losses[value] }))}
                onChange={(value) => (url.pictureLoss.value = value)}
              />
              {url.file.value !== "" && <Button onClick={picture.takeOwn}>{words.ownPicture}</Button>}
            </div>
            {picture.missing !== undefined && (
              <Message kind="info">{words.dropAgain(picture.missing)}</Message>
            )}
            <ErrorMessage error={picture.error.value} />
            {misfit ? <MisfitMessage misfit={misfit} /> : <ErrorMessage error={job.error.value} />}
            {!misfit && answer && drawn && <Pictures url={url} {...answer} at={drawn} />}
            {!misfit && !answer && job.error.value === undefined && <Progress label={words.computing} />}
          </div>
        </DropZone>
      </Panel>
      {!misfit && answer && drawn && <Patch {...answer} at={drawn} />}
    </div>
  );
}

/** Where the window is: a place of the output of a convolution, of the input of a transposed one. */
interface Placed {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** The index of an output that the window makes. */
  readonly output: number;
  readonly top: number;
  readonly left: number;
  readonly span: number;
}

function place(request: ConvolveRequest, result: ConvolveResult, row: number, column: number): Placed {
  const transposed = request.operation === "transposed";
  const [rows, columns] = transposed ? [request.height, request.width] : [result.height, result.width];
  const [r, c] = [within(row, [0, rows - 1]), within(column, [0, columns - 1])];
  const [top, left] = [windowAt(r, request).start, windowAt(c, request).start];
  const inside = (at: number, size: number): number => within(at, [0, size - 1]);
  const output = transposed
    ? inside(top, result.height) * result.width + inside(left, result.width)
    : r * columns + c;
  return { row: r, column: c, rows, columns, output, top, left, span: spanOf(request) };
}

interface PicturesProps {
  readonly url: PictureSignals;
  readonly request: ConvolveRequest;
  readonly result: ConvolveResult;
  readonly at: Placed;
}

function Pictures({ url, request, result, at }: PicturesProps) {
  const words = useWords(convolveWords);
  const { integer, significant } = useNumbers();
  const transposed = request.operation === "transposed";
  const window = { row: at.top, column: at.left, span: at.span, kind: "window" };
  const pixel = { row: at.row, column: at.column, span: 1, kind: "pixel" };
  const to = (row: number, column: number): void => {
    url.row.value = within(row, [0, at.rows - 1]);
    url.column.value = within(column, [0, at.columns - 1]);
  };
  /** The place whose window is centred nearest to a pixel of the framed map. */
  const centred = (row: number, column: number): void => {
    const half = (at.span - 1) / 2;
    const of = (pixel: number): number => (pixel - half + request.padding) / request.stride;
    to(of(row), of(column));
  };
  const maps = {
    x: { values: request.x, height: request.height, width: request.width },
    y: { values: result.y, height: result.height, width: result.width },
    dx: { values: result.dx, height: request.height, width: request.width },
  };
  return (
    <>
      <div class="pictures" dir="ltr">
        {(["x", "y", "dx"] as const).map((name) => {
          const { values, height, width } = maps[name];
          const framed = (name === "y") === transposed;
          const [least, most] = rangeOf(values);
          return (
            <figure key={name}>
              <figcaption>
                <b>{words.pictures[name]}</b> <span class="muted">{`${height}×${width}`}</span>
              </figcaption>
              <ShadeCanvas
                label={words.pictureAlt(words.pictures[name], integer(height), integer(width))}
                width={width}
                height={height}
                values={values}
                frame={framed ? window : pixel}
                onPoint={framed ? centred : to}
              />
              <p class="note" dir="auto">
                {words.shades(significant(least, 3), significant(most, 3))}
                {least < -1e-9 && ` · ${words.signed}`}
              </p>
            </figure>
          );
        })}
      </div>
      <div class="row sliders">
        <Slider
          label={words.row}
          value={at.row}
          onChange={(row) => (url.row.value = row)}
          min={0}
          max={Math.max(1, at.rows - 1)}
        />
        <Slider
          label={words.column}
          value={at.column}
          onChange={(column) => (url.column.value = column)}
          min={0}
          max={Math.max(1, at.columns - 1)}
        />
      </div>
    </>
  );
}

function Patch({ request, result, at }: Omit<PicturesProps, "url">) {
  const words = useWords(convolveWords);
  const tap = useSignal<number | undefined>(undefined);
  const { kernel, dilation } = request;
  const transposed = request.operation === "transposed";
  const framed = transposed
    ? { values: result.y, height: result.height, width: result.width }
    : { values: request.x, height: request.height, width: request.width };
  const patch = Float64Array.from({ length: kernel ** 2 }, (_, tap) => {
    const row = at.top + dilation * Math.floor(tap / kernel);
    const column = at.left + dilation * (tap % kernel);
    const inside = row >= 0 && row < framed.height && column >= 0 && column < framed.width;
    return inside ? Math.round(1000 * framed.values[row * framed.width + column]!) / 1000 : 0;
  });
  const single = transposed ? request.x[at.row * at.columns + at.column]! : result.y[at.output]!;
  const grid = (
    kind: "x" | "w" | "y",
    values: ArrayLike<number>,
    edge: number,
    name: string,
    letter: string = kind,
  ) => (
    <figure class={`grid-figure ${kind}`}>
      <figcaption dir="auto">{name}</figcaption>
      <CellGrid
        label={words.gridLabel(name, `${edge}×${edge}`)}
        rows={edge}
        columns={edge}
        values={values}
        cell={edge === 1 ? 64 : 46}
        kind={kind}
        nameOf={(index) => symbolOf(letter, index, edge)}
        hued={kind === "w"}
        lit={new Set(tap.value === undefined ? [] : [edge === 1 ? 0 : tap.value])}
        onPoint={(at) => (tap.value = edge === 1 ? undefined : at)}
        onPin={(at) => (tap.value = edge === 1 ? undefined : at)}
      />
    </figure>
  );
  const one = [Math.round(1000 * single) / 1000];
  const sign = (text: string) => (
    <span class="sign" aria-hidden="true">
      {text}
    </span>
  );
  return (
    <Panel title={words.patchTitle}>
      <div class="grids" dir="ltr">
        {transposed ? grid("x", one, 1, words.patch.oneX) : grid("x", patch, kernel, words.patch.x)}
        {sign(transposed ? "·" : "∗")}
        {grid("w", request.w, kernel, words.patch.w)}
        {sign(transposed ? "→" : "=")}
        {transposed ? grid("y", patch, kernel, words.patch.manyY) : grid("y", one, 1, words.patch.y)}
        <span class="gap" />
        {grid("w", result.dw, kernel, words.grids.dw, "∂w")}
      </div>
    </Panel>
  );
}
