// What was searched and what that proves, in one sentence in the page's language.
import { proofLine, type DesignResult } from "sabok/analysis";
import { language, type Numbers } from "../../shared/words.ts";
import type { designWords } from "./words.ts";

/** The library's proof line, in the page's language. */
export function proofIn(
  result: DesignResult,
  { integer, percent }: Numbers,
  words: (typeof designWords)["en"],
): string {
  if (language.value === "en") return proofLine(result);
  const { proof, best } = result;
  const [states, transitions] = [integer(proof.states), integer(proof.transitions)];
  if (proof.complete)
    return best
      ? words.proof.complete(states, transitions, integer(best.macs))
      : words.proof.none(states, transitions);
  const [bound, optimum] = [proof.lowerBound ?? 0, proof.optimum ?? 0];
  return words.proof.stopped(
    states,
    transitions,
    integer(bound),
    integer(optimum),
    bound > 0 ? percent(optimum / bound - 1, 1) : "–",
    integer(proof.provedDepth),
  );
}
