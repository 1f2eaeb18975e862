// Cost against receptive field: the fewest MACs at each field, and the frontier, whose points can be walked and picked.
import type { Design, DesignResult } from "sabok/analysis";
import { stackText } from "sabok/analysis";
import { useRef, useState } from "preact/hooks";
import { useWidth } from "../../shared/useWidth.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import { designWords } from "./words.ts";

interface FrontierProps {
  readonly result: DesignResult;
  readonly picked: Design | undefined;
  readonly onPick: (stack: Design) => void;
}

const height = 340;
const margin = { top: 18, right: 18, bottom: 44, left: 66 };

export function FrontierPlot({ result, picked, onPick }: FrontierProps) {
  const words = useWords(designWords);
  const { compact, integer } = useNumbers();
  const [frame, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const { frontier, cheapestByField, leastReceptiveField } = result;
  const [focus, setFocus] = useState<number>();
  if (cheapestByField.length === 0) return <p class="muted">{words.noStackAtAll}</p>;
  const chosen = frontier.findIndex((stack) => same(stack, picked));
  const at = Math.min(focus ?? Math.max(0, chosen), frontier.length - 1);
  const fields = cheapestByField.map(({ receptiveField }) => receptiveField);
  const costs = cheapestByField.map(({ macs }) => macs);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const right = Math.max(
    ...fields,
    ...frontier.map(({ receptiveField }) => receptiveField),
    leastReceptiveField ?? 1,
  );
  const inner = Math.max(40, width.value - margin.left - margin.right);
  const x = (field: number): number => margin.left + ((field - 1) / Math.max(1, right - 1)) * inner;
  const span = Math.log(high * 1.15) - Math.log(low / 1.15);
  const y = (macs: number): number =>
    height -
    margin.bottom -
    ((Math.log(macs) - Math.log(low / 1.15)) / span) * (height - margin.top - margin.bottom);
  const name = (stack: Design): string =>
    words.frontierPoint(integer(stack.receptiveField), integer(stack.macs), stackText(stack.layers));

  const go = (to: number): void => {
    const next = Math.min(frontier.length - 1, Math.max(0, to));
    setFocus(next);
    svg.current?.querySelector<SVGElement>(`[data-point="${next}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      Home: 0,
      End: frontier.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) go(to);
    else if (event.key === "Enter" || event.key === " ") onPick(frontier[at]!);
    else return;
    event.preventDefault();
  };
  const shown = frontier[at];
  return (
    <div class="plot-frame frontier" ref={frame} dir="ltr">
      {width.value > 0 && (
        <svg
          ref={svg}
          width={width.value}
          height={height}
          viewBox={`0 0 ${width.value} ${height}`}
          role="listbox"
          aria-label={words.frontierLabel}
          onKeyDown={onKeyDown}
        >
          <g aria-hidden="true">
            {ticksOf(low / 1.15, high * 1.15).map((macs) => (
              <g key={macs}>
                <line
                  class="rule"
                  x1={margin.left}
                  x2={width.value - margin.right}
                  y1={y(macs)}
                  y2={y(macs)}
                />
                <text x={margin.left - 8} y={y(macs)} text-anchor="end" dominant-baseline="central">
                  {`\u2068${compact(macs)}\u2069`}
                </text>
              </g>
            ))}
            {evenTicks(right, inner).map((field) => (
              <text key={field} x={x(field)} y={height - margin.bottom + 20} text-anchor="middle">
                {integer(field)}
              </text>
            ))}
            <text class="axis" x={width.value - margin.right} y={height - 6} text-anchor="end">
              {words.fieldAxis} →
            </text>
            <text class="axis" x={4} y={11}>
              ↑ {words.macsAxis}
            </text>
            {leastReceptiveField !== null && (
              <g class="asked">
                <rect
                  x={x(leastReceptiveField)}
                  y={margin.top}
                  width={Math.max(2, width.value - margin.right - x(leastReceptiveField))}
                  height={height - margin.top - margin.bottom}
                />
                <line
                  x1={x(leastReceptiveField)}
                  x2={x(leastReceptiveField)}
                  y1={margin.top}
                  y2={height - margin.bottom}
                />
                <text
                  x={x(leastReceptiveField) + (x(leastReceptiveField) > width.value / 2 ? -6 : 6)}
                  y={height - margin.bottom - 8}
                  text-anchor={x(leastReceptiveField) > width.value / 2 ? "end" : "start"}
                >
                  {words.asked(integer(leastReceptiveField))}
                </text>
              </g>
            )}
            {cheapestByField.map(({ receptiveField, macs }) => (
              <circle key={receptiveField} class="other" cx={x(receptiveField)} cy={y(macs)} r={2.5} />
            ))}
            <polyline
              class="line"
              points={frontier.map((stack) => `${x(stack.receptiveField)},${y(stack.macs)}`).join(" ")}
            />
          </g>
          {frontier.map((stack, i) => (
            <g
              key={stack.receptiveField}
              role="option"
              class="point"
              data-point={i}
              tabindex={i === at ? 0 : -1}
              aria-selected={i === chosen}
              aria-label={name(stack)}
              onFocus={() => setFocus(i)}
              onPointerEnter={() => setFocus(i)}
              onClick={() => onPick(stack)}
            >
              <circle class="target" cx={x(stack.receptiveField)} cy={y(stack.macs)} r={13} />
              <circle
                class="ring"
                cx={x(stack.receptiveField)}
                cy={y(stack.macs)}
                r={i === chosen ? 8 : 5.5}
              />
            </g>
          ))}
        </svg>
      )}
      <p class="pointed-stack" dir="auto">
        {shown ? (
          <>
            <bdi class="code" dir="ltr">
              {stackText(shown.layers)}
            </bdi>
            <span>
              {words.field} {integer(shown.receptiveField)}
            </span>
            <span>
              {integer(shown.macs)} {words.macs}
            </span>
          </>
        ) : (
          "\u00a0"
        )}
      </p>
      <ul class="legend" dir="auto">
        <li>
          <i class="dot ring-key" />
          {words.onFrontier}
        </li>
        <li>
          <i class="dot" />
          {words.fewest}
        </li>
      </ul>
    </div>
  );
}

/** Whether two stacks are the same layers. */
export function same(a: Design, b: Design | undefined): boolean {
  return b !== undefined && a.macs === b.macs && stackText(a.layers) === stackText(b.layers);
}

/** 1, 2, 5, 10, 20 … within a range, as few as fit. */
function ticksOf(low: number, high: number): number[] {
  const ticks: number[] = [];
  const steps = high / low > 300 ? [1] : [1, 2, 5];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
    for (const step of steps) if (step * power >= low && step * power <= high) ticks.push(step * power);
  return ticks;
}

function evenTicks(right: number, room: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((size) => (right / size) * 52 <= room) ?? 500;
  const ticks: number[] = [];
  for (let field = step; field <= right; field += step) ticks.push(field);
  return ticks;
}
