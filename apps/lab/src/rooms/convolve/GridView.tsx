// The window over a small map, and the same products as a matrix. Whatever is pointed at is lit in all of them.
import { useComputed, useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Button, Choice, Slider } from "../../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { Prose, Tex } from "../../shared/tex.tsx";
import { useWidth } from "../../shared/useWidth.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { ConvolveGeometry, ConvolveRequest, ConvolveResult } from "../../engine/jobs/convolve.ts";
import { CellGrid } from "./CellGrid.tsx";
import { geometryOf, misfitOf, ranges, within } from "./geometry.ts";
import {
  axesOf,
  isProduct,
  litBy,
  pointedText,
  productsAt,
  productsOf,
  readPointed,
  symbolOf,
  views,
  windowAt,
  type Kind,
  type Pointed,
  type Product,
  type View,
} from "./links.ts";
import { MatrixView } from "./MatrixView.tsx";
import { MisfitMessage } from "./MisfitMessage.tsx";
import type { RuleSignals } from "./RuleControls.tsx";
import { mapNames, smallMap, type MapName } from "./smallMaps.ts";
import { Sum } from "./Sum.tsx";
import { useLatestJob } from "./useLatestJob.ts";
import { convolveWords } from "./words.ts";

export interface GridSignals extends RuleSignals {
  readonly size: Signal<number>;
  readonly map: Signal<string>;
  readonly view: Signal<string>;
  readonly loss: Signal<string>;
  readonly cells: Signal<string>;
  readonly at: Signal<string>;
}

const losses = ["noise", "ones", "own", "one"] as const;

export function GridView({ url, kernel }: { readonly url: GridSignals; readonly kernel: readonly number[] }) {
  const words = useWords(convolveWords);
  const edge = within(url.size.value, ranges.size);
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
  const map: MapName = mapNames.find((name) => name === url.map.value) ?? "steps";
  const view: View = views.find((name) => name === url.view.value) ?? "forward";
  const loss = losses.find((name) => name === url.loss.value) ?? "noise";
  const x = useMemo(() => smallMap(map, edge), [map, edge]);
  const pinned = readPointed(url.at.value);
  const one =
    loss === "one" && pinned ? (isProduct(pinned) ? pinned.y : pinned.kind === "y" ? pinned.at : 0) : 0;

  const numbers = useLatestJob("convolve");
  const links = useLatestJob("convolveLinks");
  const key = JSON.stringify(geometry);
  useEffect(() => {
    if (!misfit) numbers.run({ ...geometry, x, w: kernel, cotangent: loss === "one" ? one : loss });
  }, [key, map, kernel, loss, one]);
  useEffect(() => {
    if (!misfit) links.run(geometry);
  }, [key]);
  const [answer, linked] = [numbers.answer.value, links.answer.value];
  const products = useMemo(
    () => (linked ? productsOf(linked.result.weightOf, linked.request.height * linked.request.width) : []),
    [linked],
  );
  // The two answers come one after the other; until both are there, the last pair that belongs together is drawn.
  const drawn = useRef<Drawn | undefined>(undefined);
  if (answer && linked && sameGeometry(answer.request, linked.request))
    drawn.current = { request: answer.request, result: answer.result, products };
  return (
    <div class="stack">
      <ViewControls url={url} view={view} map={map} loss={loss} edge={edge} />
      {misfit ? (
        <MisfitMessage misfit={misfit} />
      ) : (
        <ErrorMessage error={numbers.error.value ?? links.error.value} />
      )}
      {!misfit && drawn.current && <Linked url={url} view={view} pinned={pinned} {...drawn.current} />}
      {!misfit && !drawn.current && numbers.error.value === undefined && <Progress label={words.computing} />}
    </div>
  );
}

interface Drawn {
  readonly request: ConvolveRequest;
  readonly result: ConvolveResult;
  readonly products: readonly Product[];
}

function sameGeometry(a: ConvolveGeometry, b: ConvolveGeometry): boolean {
  const keys = ["operation", "height", "kernel", "stride", "dilation", "padding", "outputPadding"] as const;
  return keys.every((key) => a[key] === b[key]);
}

interface ViewControlsProps {
  readonly url: GridSignals;
  readonly view: View;
  readonly map: MapName;
  readonly loss: (typeof losses)[number];
  readonly edge: number;
}

function ViewControls({ url, view, map, loss, edge }: ViewControlsProps) {
  const words = useWords(convolveWords);
  const { shape } = useNumbers();
  return (
    <div class="row view-controls">
      <Choice
        label={words.view}
        value={view}
        options={views.map((value) => ({ value, label: words.views[value] }))}
        onChange={(value) => (url.view.value = value)}
      />
      <Choice
        label={words.entries}
        value={url.cells.value === "symbols" ? "symbols" : "numbers"}
        options={(["numbers", "symbols"] as const).map((value) => ({
          value,
          label: words.entryKinds[value],
        }))}
        onChange={(value) => (url.cells.value = value)}
      />
      <Choice
        as="menu"
        label={words.map}
        value={map}
        options={mapNames.map((value) => ({ value, label: words.maps[value] }))}
        onChange={(value) => (url.map.value = value)}
      />
      <div class="short-slider">
        <Slider
          label={words.mapSize}
          value={edge}
          onChange={(value) => (url.size.value = value)}
          min={ranges.size[0]}
          max={ranges.size[1]}
          format={(value) => shape([value, value])}
        />
      </div>
      {(view === "inputGradient" || view === "weightGradient") && (
        <Choice
          as="menu"
          label={words.loss}
          value={loss}
          options={losses.map((value) => ({ value, label: words.losses[value] }))}
          onChange={(value) => (url.loss.value = value)}
        />
      )}
    </div>
  );
}

interface LinkedProps extends Drawn {
  readonly url: GridSignals;
  readonly view: View;
  readonly pinned: Pointed | undefined;
}

/** Rows or columns of a matrix that is still drawn. */
const mostDrawn = 500;

/** The names of the numbers of each kind in a view, and which of them is the result. */
const lettersOf = {
  forward: { x: "x", w: "w", y: "y" },
  gathered: { x: "x", w: "w", y: "y" },
  inputGradient: { x: "∂x", w: "w", y: "g" },
  weightGradient: { x: "x", w: "∂w", y: "g" },
} as const satisfies Record<View, Record<Kind, string>>;

function Linked({ url, view, request, result, products, pinned }: LinkedProps) {
  const { x, w: kernel, ...geometry } = request;
  const words = useWords(convolveWords);
  const { integer, percent, shape } = useNumbers();
  const [frame, width] = useWidth<HTMLDivElement>();
  const hovered = useSignal<Pointed | undefined>(undefined);
  const wanted = useComputed(() => hovered.value ?? readPointed(url.at.value)).value;
  const edges: Readonly<Record<Kind, number>> = { x: geometry.width, w: geometry.kernel, y: result.width };
  const counts = { x: x.length, w: kernel.length, y: result.y.length };
  const pointed = wanted && existing(wanted, products, counts);
  const lit = productsAt(products, pointed);
  const kinds = litBy(lit);
  const letters = lettersOf[view];
  const nameOf = (kind: Kind, at: number): string => symbolOf(letters[kind], at, edges[kind]);
  const { rows: sum } = axesOf[view];
  const backward = view === "inputGradient" || view === "weightGradient";
  const values: Readonly<Record<Kind, ArrayLike<number>>> = {
    x: view === "inputGradient" ? result.dx : x,
    w: view === "weightGradient" ? result.dw : kernel,
    y: backward ? result.dy : result.y,
  };
  const symbols = url.cells.value === "symbols";
  const pin = (to: Pointed): void => {
    url.at.value = pinned && pointedText(pinned) === pointedText(to) ? "" : pointedText(to);
  };

  const transposed = geometry.operation === "transposed";
  const windowKind: Kind = transposed ? "x" : "y";
  const framed: Kind = transposed ? "y" : "x";
  const windowIndex = chosenOf(pointed, windowKind, kinds[windowKind]);
  const frameOf = (kind: Kind) => {
    if (kind !== framed || windowIndex === undefined) return undefined;
    const across = windowAt(windowIndex % edges[windowKind], geometry);
    return {
      row: windowAt(Math.floor(windowIndex / edges[windowKind]), geometry).start,
      column: across.start,
      span: across.span,
    };
  };
  const ringOf = (kind: Kind): number => (kind === framed ? geometry.padding : 0);
  const order: readonly Kind[] =
    sum === "y" ? ["x", "w", "y"] : sum === "x" ? ["y", "w", "x"] : ["x", "y", "w"];
  const across = order.map((kind) => edges[kind] + 2 * ringOf(kind));
  const room = width.value || 800;
  const inLine = room / (across.reduce((a, b) => a + b) + 5);
  const cell =
    inLine >= 24
      ? Math.min(46, Math.floor(inLine))
      : Math.min(46, Math.max(12, Math.floor((room - 8) / Math.max(...across))));
  const titleOf = (kind: Kind): string =>
    words.grids[backward ? (kind === "y" ? "g" : kind === sum ? (`d${kind}` as "dx" | "dw") : kind) : kind];

  return (
    <>
      <Panel
        title={words.windowTitle}
        actions={<Place url={url} count={counts[windowKind]} kind={windowKind} at={windowIndex} />}
      >
        <div class={inLine >= 24 ? "grids" : "grids stacked"} ref={frame} dir="ltr">
          {order.map((kind, i) => (
            <div class="grid-and-sign" key={kind}>
              <figure class={`grid-figure ${kind} ${kind === sum ? "result" : ""}`}>
                <figcaption dir="auto">{titleOf(kind)}</figcaption>
                <CellGrid
                  label={words.gridLabel(titleOf(kind), `${edges[kind]}×${counts[kind] / edges[kind]}`)}
                  rows={counts[kind] / edges[kind]}
                  columns={edges[kind]}
                  values={values[kind]}
                  cell={cell}
                  kind={kind}
                  nameOf={(at) => nameOf(kind, at)}
                  symbols={symbols}
                  hued={kind === "w"}
                  ring={ringOf(kind)}
                  lit={kinds[kind]}
                  chosen={chosenOf(pointed, kind, kinds[kind])}
                  frame={frameOf(kind)}
                  onPoint={(at) => (hovered.value = at === undefined ? undefined : { kind, at })}
                  onPin={(at) => pin({ kind, at })}
                />
              </figure>
              {i < 2 && (
                <span class="sign" aria-hidden="true">
                  {i === 0 ? "∗" : "="}
                </span>
              )}
            </div>
          ))}
        </div>
        <Sum view={view} products={lit} pointed={pointed} values={values} nameOf={nameOf} symbols={symbols} />
        {geometry.padding > 0 && <p class="note">{transposed ? words.ringCropped : words.ringRead}</p>}
      </Panel>
      <Panel
        title={words.matrixTitle}
        lead={<Prose inline text={words.about[geometry.operation][view]} />}
        actions={<Tex tex={words.formula[geometry.operation][view === "gathered" ? "forward" : view]} />}
      >
        {Math.max(counts[axesOf[view].rows], counts[axesOf[view].columns]) > mostDrawn ? (
          <Message kind="info">
            {words.matrixTooLarge(shape([counts[axesOf[view].rows], counts[axesOf[view].columns]]))}
          </Message>
        ) : (
          <MatrixView
            label={words.gridLabel(
              words.matrixTitle,
              `${counts[axesOf[view].rows]}×${counts[axesOf[view].columns]}`,
            )}
            view={view}
            products={products}
            litProducts={lit}
            pointed={pointed}
            counts={counts}
            values={values}
            nameOf={nameOf}
            symbols={symbols}
            onPoint={(to) => (hovered.value = to)}
            onPin={pin}
          />
        )}
        <p class="note">
          {words.matrixShape(
            shape([counts[axesOf[view].rows], counts[axesOf[view].columns]]),
            integer(products.length),
            percent(products.length / (counts[axesOf[view].rows] * counts[axesOf[view].columns]), 1),
          )}
        </p>
      </Panel>
    </>
  );
}

/** What is pointed at as far as this map has it: a URL, or a map that became smaller, may point beyond. */
function existing(
  pointed: Pointed,
  products: readonly Product[],
  counts: Readonly<Record<Kind, number>>,
): Pointed | undefined {
  if (!isProduct(pointed)) return pointed.at < counts[pointed.kind] ? pointed : undefined;
  return products.find(({ y, w, x }) => y === pointed.y && w === pointed.w && x === pointed.x);
}

/** The one cell of a kind that is meant: what is pointed at itself, or the only one it is linked to. */
function chosenOf(pointed: Pointed | undefined, kind: Kind, lit: ReadonlySet<number>): number | undefined {
  if (!pointed) return undefined;
  if (isProduct(pointed)) return pointed[kind];
  if (pointed.kind === kind) return pointed.at;
  return lit.size === 1 ? [...lit][0] : undefined;
}

interface PlaceProps {
  readonly url: GridSignals;
  /** The kind whose numbers the window walks over, and how many there are. */
  readonly kind: Kind;
  readonly count: number;
  readonly at: number | undefined;
}

/** Moves the window place by place: a slider, a step, and a walk by itself. */
function Place({ url, kind, count, at }: PlaceProps) {
  const words = useWords(convolveWords);
  const { integer } = useNumbers();
  const playing = useSignal(false);
  const here = Math.min(at ?? 0, count - 1);
  const move = (to: number): void => {
    url.at.value = pointedText({ kind, at: to % count });
  };
  useEffect(() => {
    if (!playing.value) return;
    const timer = setInterval(() => {
      const now = readPointed(url.at.peek());
      move((now && !isProduct(now) && now.kind === kind ? now.at : -1) + 1);
    }, 450);
    return () => clearInterval(timer);
  }, [playing.value, kind, count]);
  return (
    <div class="place">
      <Slider
        label={words.place}
        value={here}
        onChange={move}
        min={0}
        max={Math.max(1, count - 1)}
        format={(value) => words.placeOf(integer(value + 1), integer(count))}
      />
      <Button icon="step" kind="bare" name={words.step} onClick={() => move(here + 1)}>
        {null}
      </Button>
      <Button
        icon={playing.value ? "pause" : "play"}
        onClick={() => (playing.value = !playing.value)}
        pressed={playing.value}
      >
        {playing.value ? words.pause : words.play}
      </Button>
    </div>
  );
}
