// sabok models: the list of networks with what they cost.
import { listModels } from "sabok/recipes";
import { defineCommand } from "../command.ts";
import { formatCount } from "../format.ts";
import { formatTable } from "../table.ts";

export const modelsCommand = defineCommand({
  name: "models",
  summary: "list the networks with their parameters and MACs",
  description:
    "Lists the networks that --model of sabok fit takes, with their parameters and multiply-accumulates (MACs; FLOPs are twice as many) " +
    "for 1000 classes at the image size they were published for.",
  args: {},
  examples: [
    ["sabok models", "The list"],
    ["sabok models --json", "The same as one JSON document"],
  ],
  // oxlint-disable-next-line require-await
  async run(_args, terminal) {
    const models = listModels();
    terminal.document({ type: "models", models });
    if (terminal.json) return 0;
    terminal.line(
      formatTable(
        terminal,
        ["model", "params", "MACs", "input"],
        models.map(({ name, parameters, macs, input }) => [
          name,
          formatCount(parameters),
          formatCount(macs),
          input.join("x"),
        ]),
      ),
    );
    terminal.line("\nTake one by sabok fit <data> --model <name>; --width scales the mobilenets.");
    return 0;
  },
});
