// The cheapest stack of each depth, or why there is none.
import { stackText, type Design, type DesignResult, type NoDesign } from "sabok/analysis";
import { Button } from "../../shared/controls.tsx";
import { Panel } from "../../shared/panel.tsx";
import { Table } from "../../shared/table.tsx";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { same } from "./FrontierPlot.tsx";
import { reasonIn } from "./reasons.ts";
import { designWords } from "./words.ts";

interface DepthProps {
  readonly result: DesignResult;
  readonly picked: Design | undefined;
  readonly onPick: (stack: Design) => void;
}

export const isDesign = (answer: Design | NoDesign): answer is Design => "macs" in answer;

export function DepthPanel({ result, picked, onPick }: DepthProps) {
  const words = useWords(designWords);
  const { integer, shape, digits } = useNumbers();
  const { perDepth, problem, best } = result;
  const rows = perDepth.map((answer, i) => ({ depth: problem.layers[0] + i, answer }));
  const figure =
    (of: (stack: Design) => string) =>
    ({ answer }: (typeof rows)[number]) =>
      isDesign(answer) ? of(answer) : "–";
  return (
    <Panel title={words.depths} lead={words.depthsLead}>
      <Table
        quiet
        caption={words.depthTable}
        rows={rows}
        columns={[
          { title: words.layers, cell: ({ depth }) => integer(depth) },
          {
            title: words.macs,
            numeric: true,
            cell: ({ answer }) =>
              isDesign(answer) ? (
                answer.macs === best?.macs ? (
                  <strong>{integer(answer.macs)}</strong>
                ) : (
                  integer(answer.macs)
                )
              ) : (
                "–"
              ),
          },
          { title: words.field, cell: figure((stack) => integer(stack.receptiveField)), numeric: true },
          { title: words.outputSize, cell: figure((stack) => shape(stack.outputs.at(-1)!)), numeric: true },
          {
            title: words.depthStack,
            cell: ({ answer }) =>
              isDesign(answer) ? (
                <bdi class="code" dir="ltr">
                  {stackText(answer.layers)}
                </bdi>
              ) : (
                <span class="muted">{reasonIn(language.value, answer.reason, digits)}</span>
              ),
          },
          {
            title: words.look,
            cell: ({ answer }) =>
              isDesign(answer) && (
                <Button
                  name={words.pick(stackText(answer.layers))}
                  pressed={same(answer, picked)}
                  onClick={() => onPick(answer)}
                >
                  {words.look}
                </Button>
              ),
          },
        ]}
      />
    </Panel>
  );
}

/** How the question degenerates without its rules. */
export function DegenerateDetails({ result }: { readonly result: DesignResult }) {
  const words = useWords(designWords);
  const { integer, shape } = useNumbers();
  const { anyKernel, givenKernels } = result.degenerate;
  const stack = (answer: Design | NoDesign) =>
    isDesign(answer) ? (
      <bdi class="code" dir="ltr">
        {stackText(answer.layers)}
      </bdi>
    ) : (
      words.none
    );
  const macs = (answer: Design | NoDesign): string => (isDesign(answer) ? integer(answer.macs) : "–");
  const rows = anyKernel.map((any, i) => ({ depth: i + 1, any, given: givenKernels[i]! }));
  return (
    <details class="degenerate">
      <summary>{words.degenerate}</summary>
      <p>{words.degenerateText}</p>
      <Table
        quiet
        caption={words.degenerateTable}
        rows={rows}
        columns={[
          { title: words.layers, cell: ({ depth }) => integer(depth) },
          { title: words.anyKernel, cell: ({ any }) => stack(any) },
          { title: words.macs, cell: ({ any }) => macs(any), numeric: true },
          {
            title: words.outputSize,
            cell: ({ any }) => (isDesign(any) ? shape(any.outputs.at(-1)!) : "–"),
            numeric: true,
          },
          { title: words.givenKernels, cell: ({ given }) => stack(given) },
          { title: `${words.macs} ·`, cell: ({ given }) => macs(given), numeric: true },
        ]}
      />
    </details>
  );
}
