// Why there is no output, and what to change.
import { Message } from "../../shared/feedback.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { Misfit } from "./geometry.ts";
import { convolveWords } from "./words.ts";

export function MisfitMessage({ misfit }: { readonly misfit: Misfit }) {
  const words = useWords(convolveWords);
  const { integer } = useNumbers();
  return (
    <Message kind="warning">
      {misfit.kind === "kernelTooLarge"
        ? words.misfit.kernelTooLarge(
            integer(misfit.span),
            integer(misfit.padded),
            integer(misfit.leastPadding),
          )
        : words.misfit.allCropped(integer(misfit.whole), integer(misfit.mostPadding))}
    </Message>
  );
}
