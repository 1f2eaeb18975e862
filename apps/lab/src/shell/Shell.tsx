// The frame: title, rooms, language, theme, and the room that is open. A room that fails keeps the frame.
import { effect } from "@preact/signals";
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { engineLoss, forgetEngineLoss } from "../engine/engine.ts";
import { Button } from "../shared/controls.tsx";
import { ErrorMessage, Message, Progress } from "../shared/feedback.tsx";
import { sharedWords } from "../shared/sharedWords.ts";
import { chooseTheme, theme } from "../shared/theme.ts";
import { chooseLanguage, direction, language, useWords } from "../shared/words.ts";
import { roomNames, rooms, type RoomName, type RoomProps } from "./rooms.ts";
import { hrefOf, room, stateOf } from "./router.ts";

effect(() => {
  const root = document.documentElement;
  root.lang = language.value;
  root.dir = direction.value;
  root.dataset["theme"] = theme.value;
  const title = rooms[room.value].title[language.value];
  document.title = language.value === "fa" ? `${title} · آزمایشگاه سبک` : `${title} · sabok Lab`;
});

export function Shell() {
  const words = useWords(sharedWords);
  return (
    <>
      <a
        class="skip"
        href="#room"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("room")?.focus();
        }}
      >
        {words.skip}
      </a>
      <header class="frame">
        <a class="brand" href={hrefOf("network")}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect x="3" y="5" width="26" height="5" rx="2.5" />
            <rect x="7" y="13.5" width="18" height="5" rx="2.5" />
            <rect x="11" y="22" width="10" height="5" rx="2.5" />
          </svg>
          <span>{language.value === "fa" ? "سبک" : "sabok"}</span>
        </a>
        <nav aria-label={words.rooms}>
          {roomNames.map((name) => (
            <a key={name} href={hrefOf(name)} aria-current={name === room.value ? "page" : undefined}>
              {rooms[name].title[language.value]}
            </a>
          ))}
        </nav>
        <div class="frame-end">
          <Button
            kind="bare"
            name={words.languageName}
            onClick={() => chooseLanguage(language.peek() === "fa" ? "en" : "fa")}
          >
            <span lang={language.value === "fa" ? "en" : "fa"}>{words.language}</span>
          </Button>
          <Button
            kind="bare"
            icon={theme.value === "dark" ? "sun" : "moon"}
            name={words.theme[theme.value === "dark" ? "light" : "dark"]}
            onClick={() => chooseTheme(theme.peek() === "dark" ? "light" : "dark")}
          >
            {null}
          </Button>
        </div>
      </header>
      <main id="room" tabIndex={-1}>
        {engineLoss.value !== undefined && (
          <div class="notice">
            <Message kind="warning" actions={<Button onClick={forgetEngineLoss}>{words.close}</Button>}>
              {words.engineLost(engineLoss.value)}
            </Message>
          </div>
        )}
        <OpenRoom key={room.value} name={room.value} />
      </main>
    </>
  );
}

type Loaded = { readonly room: ComponentType<RoomProps> } | { readonly error: unknown } | undefined;

function OpenRoom({ name }: { readonly name: RoomName }) {
  const words = useWords(sharedWords);
  const [loaded, setLoaded] = useState<Loaded>();
  const load = (): void => {
    setLoaded(undefined);
    rooms[name].load().then(
      (found) => setLoaded({ room: found }),
      (error: unknown) => setLoaded({ error }),
    );
  };
  useEffect(load, [name]);
  if (!loaded) return <Progress label={words.loadingRoom} />;
  if ("error" in loaded)
    return (
      <Message kind="error" actions={<Button onClick={load}>{words.again}</Button>}>
        {words.roomLost}
      </Message>
    );
  const Room = loaded.room;
  return (
    <Guard>
      <Room state={stateOf(name)} />
    </Guard>
  );
}

/** Shows an error thrown while drawing a room, with a way to draw it again. */
class Guard extends Component<{ children: ComponentChildren }, { error?: unknown }> {
  static override getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <ErrorMessage error={error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
