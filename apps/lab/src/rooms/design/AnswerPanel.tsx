// The stack that is looked at: its figures, what is proved, what one output of it sees, its layers.
import {
  jumpsOf,
  layerMacs,
  receptiveFieldsOf,
  seenShare,
  stackText,
  relativeField,
  type Design,
  type DesignProblem,
  type DesignResult,
} from "sabok/analysis";
import { Button } from "../../shared/controls.tsx";
import { Facts, Panel } from "../../shared/panel.tsx";
import { Table } from "../../shared/table.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { proofIn } from "./proofIn.ts";
import { colourOf, StackPicture } from "./StackPicture.tsx";
import { designWords } from "./words.ts";

interface AnswerProps {
  readonly result: DesignResult;
  /** The stack that is looked at; the best unless another was picked. */
  readonly stack: Design;
  readonly isBest: boolean;
  readonly onBack: () => void;
}

export function AnswerPanel({ result, stack, isBest, onBack }: AnswerProps) {
  const words = useWords(designWords);
  const numbers = useNumbers();
  const { integer, percent, significant, shape } = numbers;
  const { problem, proof, best } = result;
  const relative = relativeField(stack.receptiveField, problem.input);
  const share = seenShare(problem, stack.receptiveField);
  const note = !isBest
    ? best
      ? words.notLeast(significant(stack.macs / best.macs, 3))
      : ""
    : proof.complete
      ? words.provedLeast
      : words.atLeast(integer(proof.lowerBound ?? 0));
  return (
    <Panel
      title={isBest ? (proof.complete ? words.answer : words.answerStopped) : words.picked}
      lead={
        <bdi class="code stack-text" dir="ltr">
          {stackText(stack.layers)}
        </bdi>
      }
      actions={!isBest && best && <Button onClick={onBack}>{words.back}</Button>}
    >
      <Facts
        facts={[
          { label: words.macs, value: integer(stack.macs), note },
          { label: words.flops, value: integer(2 * stack.macs), note: words.flopsNote },
          { label: words.layers, value: integer(stack.layers.length) },
          {
            label: words.sees,
            value: shape([stack.receptiveField, stack.receptiveField]),
            ...(result.leastReceptiveField !== null && {
              note: words.enough(integer(result.leastReceptiveField)),
            }),
          },
          {
            label: words.relative,
            value: percent(share, 1),
            note:
              problem.measure === "area"
                ? words.ofArea
                : words.relativeNote(measuredIn(problem, words), percent(relative.area, 1)),
          },
          {
            label: words.outputSize,
            value: shape(stack.outputs.at(-1)!),
            note: words.outputFrom(shape(problem.input)),
          },
        ]}
      />
      <p class="proof">{proofIn(result, numbers, words)}</p>
      <h3>{words.picture}</h3>
      <StackPicture stack={stack} problem={problem} />
      <LayerTable stack={stack} problem={problem} />
    </Panel>
  );
}

/** What the measure is a share of. */
function measuredIn({ measure, input }: DesignProblem, words: (typeof designWords)["en"]): string {
  return measure === "each" && input[0] !== input[1] ? words.longer : words.measured[measure];
}

function LayerTable({ stack, problem }: { readonly stack: Design; readonly problem: DesignProblem }) {
  const words = useWords(designWords);
  const { integer, percent, shape } = useNumbers();
  const fields = receptiveFieldsOf(stack.layers);
  const jumps = jumpsOf(stack.layers);
  const macs = layerMacs(stack.layers, problem.input, problem.channels, problem.cost);
  const rows = stack.layers.map((layer, l) => ({ ...layer, l }));
  return (
    <Table
      caption={words.stackTable}
      rows={rows}
      columns={[
        {
          title: words.layer,
          cell: ({ l }) => (
            <span class="layer-name">
              <i style={`background:${colourOf(l)}`} />
              {integer(l + 1)}
            </span>
          ),
        },
        { title: words.kernel, cell: ({ kernel }) => shape([kernel, kernel]), numeric: true },
        { title: words.dilationShort, cell: ({ dilation }) => integer(dilation), numeric: true },
        { title: words.stride, cell: ({ stride }) => integer(stride), numeric: true },
        {
          title: words.channelsShort,
          cell: ({ l }) => (
            <bdi dir="ltr">
              {integer(problem.channels[l]!)} → {integer(problem.channels[l + 1]!)}
            </bdi>
          ),
          numeric: true,
        },
        { title: words.step, cell: ({ dilation, l }) => integer(dilation * jumps[l]!), numeric: true },
        { title: words.field, cell: ({ l }) => integer(fields[l]!), numeric: true },
        { title: words.outputSize, cell: ({ l }) => shape(stack.outputs[l]!), numeric: true },
        { title: words.macs, cell: ({ l }) => integer(macs[l]!), numeric: true },
        {
          title: words.share,
          cell: ({ l }) => (
            <span class="share">
              <i style={`inline-size:${(100 * macs[l]!) / Math.max(...macs)}%; background:${colourOf(l)}`} />
              {percent(macs[l]! / stack.macs, 1)}
            </span>
          ),
          numeric: true,
        },
      ]}
    />
  );
}
