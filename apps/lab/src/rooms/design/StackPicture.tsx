// One output and what it sees: the cone of positions through the maps, and the growing field over the input.
import { receptiveFieldsOf, stackText, supportOf, type Design, type DesignProblem } from "sabok/analysis";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { cropTo, samplePicture } from "../../shared/picture.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import { coneOf } from "./cone.ts";
import { designWords } from "./words.ts";

interface StackProps {
  readonly stack: Design;
  readonly problem: DesignProblem;
}

/** Lines beyond this many are not drawn. */
const mostLines = 1500;

const colours = ["--series-3", "--series-2", "--series-1", "--series-4", "--series-5", "--series-6"];
export const colourOf = (layer: number): string => `var(${colours[layer % colours.length]!})`;

export function StackPicture({ stack, problem }: StackProps) {
  const words = useWords(designWords);
  const { integer } = useNumbers();
  const read = supportOf(stack.layers).length;
  return (
    <div class="stack-picture">
      <figure>
        <Cone stack={stack} />
        <figcaption class="note">{words.coneLead}</figcaption>
      </figure>
      <figure>
        <FieldOverInput stack={stack} problem={problem} />
        <figcaption class="note">
          {words.fieldLead}{" "}
          {read === stack.receptiveField
            ? words.holeFree
            : words.holes(integer(read), integer(stack.receptiveField))}
        </figcaption>
      </figure>
    </div>
  );
}

function Cone({ stack }: { readonly stack: Design }) {
  const words = useWords(designWords);
  const { integer } = useNumbers();
  const cone = useMemo(() => coneOf(stack.layers), [stack]);
  const half = (stack.receptiveField - 1) / 2;
  const [width, rowHeight, edge] = [720, 62, 14];
  const height = rowHeight * stack.layers.length + 2 * edge + 8;
  const x = (position: number): number =>
    half === 0 ? width / 2 : width / 2 + (position / half) * (width / 2 - 2 * edge);
  const y = (level: number): number => height - edge - 4 - level * rowHeight;
  const lines = cone.edges.reduce((sum, links) => sum + links.length, 0);
  const radius = Math.max(1.4, Math.min(6, (width / stack.receptiveField) * 0.32));
  const rowNames = cone.levels.map((_, level) =>
    level === 0 ? words.inputName : words.mapName(integer(level)),
  );
  return (
    <>
      <div class="cone" dir="ltr">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={words.coneLabel(stackText(stack.layers))}
        >
          {lines <= mostLines &&
            cone.edges.map((links, layer) => (
              <g key={layer} style={`stroke:${colourOf(layer)}`} class="links">
                {links.map(([from, to], at) => (
                  <line key={at} x1={x(from)} y1={y(layer)} x2={x(to)} y2={y(layer + 1)} />
                ))}
              </g>
            ))}
          {cone.levels.map((positions, level) => (
            <g key={level} style={`fill:${level === 0 ? "var(--text)" : colourOf(level - 1)}`}>
              {positions.map((position) => (
                <circle
                  key={position}
                  cx={x(position)}
                  cy={y(level)}
                  r={level === stack.layers.length ? 7 : radius}
                />
              ))}
            </g>
          ))}
        </svg>
        <ol class="row-names" aria-hidden="true">
          {rowNames.map((name, level) => (
            <li key={level} dir="auto" style={`inset-block-start:${(100 * y(level)) / height}%`}>
              {name}
            </li>
          ))}
        </ol>
      </div>
      {lines > mostLines && <p class="note">{words.tooMany}</p>}
    </>
  );
}

function FieldOverInput({ stack, problem }: StackProps) {
  const words = useWords(designWords);
  const { shape } = useNumbers();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height, width] = problem.input;
  useEffect(() => {
    const { data } = cropTo(samplePicture(256), width, height);
    canvas.current!.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
  }, [width, height]);
  const fields = receptiveFieldsOf(stack.layers);
  const stroke = Math.max(width, height) / 130;
  return (
    <div
      class="field-over-input"
      style={`aspect-ratio:${width}/${height}; --ratio:${(width / height).toFixed(4)}`}
    >
      <canvas ref={canvas} width={width} height={height} aria-hidden="true" />
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={words.fieldLabel(fields.map((field) => shape([field, field])).join(", "))}
      >
        {fields
          .map((field, layer) => ({ field, layer }))
          .reverse()
          .map(({ field, layer }) => (
            <rect
              key={layer}
              x={(width - field) / 2}
              y={(height - field) / 2}
              width={field}
              height={field}
              style={`stroke:${colourOf(layer)}; fill:${colourOf(layer)}`}
              stroke-width={stroke}
            />
          ))}
      </svg>
    </div>
  );
}
