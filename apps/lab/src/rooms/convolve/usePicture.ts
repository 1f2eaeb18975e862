// The picture of the room: the Lab's own, or a file that was dropped. The URL names a dropped file; its pixels it cannot carry.
import { useSignal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { cropTo, readPicture, samplePicture, tensorOf, type Picture } from "../../shared/picture.ts";
import { language } from "../../shared/words.ts";

/** Kept while the page is, so that going to another view and back loses nothing. */
let dropped: { readonly name: string; readonly picture: Picture } | undefined;
let own: Picture | undefined;

export interface RoomPicture {
  /** Shades from 0 to 1 of the middle square, edge² of them. */
  readonly shades: Float32Array;
  /** The file that the URL names but the page does not have. */
  readonly missing: string | undefined;
  readonly error: Signal<unknown>;
  readonly take: (files: readonly File[]) => Promise<void>;
  readonly takeOwn: () => void;
}

/** `file` is the URL's name of the dropped file; empty for the Lab's own picture. */
export function usePicture(file: Signal<string>, edge: number): RoomPicture {
  const error = useSignal<unknown>(undefined);
  const version = useSignal(0);
  const known = file.value !== "" && dropped?.name === file.value ? dropped.picture : undefined;
  const shades = useMemo(
    () => tensorOf(cropTo(known ?? (own ??= samplePicture(192)), edge, edge), { channels: 1 }),
    [known, edge, version.value],
  );
  return {
    shades,
    missing: file.value !== "" && !known ? file.value : undefined,
    error,
    async take([given]) {
      if (!given) return;
      try {
        const picture = await readPicture(given, language.peek());
        dropped = { name: given.name, picture };
        error.value = undefined;
        file.value = given.name;
        version.value++;
      } catch (problem) {
        error.value = problem;
      }
    },
    takeOwn() {
      file.value = "";
      error.value = undefined;
    },
  };
}
