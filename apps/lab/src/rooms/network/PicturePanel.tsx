// The picture that runs through the network: the sample, a file, a drawing, or what the camera sees.
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Choice } from "../../shared/controls.tsx";
import { DropZone } from "../../shared/dropZone.tsx";
import { ErrorMessage, Message } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { pictureOf, readPicture, samplePicture, type Picture } from "../../shared/picture.ts";
import { PictureView } from "../../shared/pictureView.tsx";
import { language, useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface PicturePanelProps {
  /** As the network sees it. */
  readonly picture: Picture;
  readonly onPicture: (picture: Picture) => void;
}

type Source = "sample" | "draw" | "camera" | "file";

export function PicturePanel({ picture, onPicture }: PicturePanelProps) {
  const w = useWords(words);
  const [source, setSource] = useState<Source>("sample");
  const [error, setError] = useState<unknown>();
  const take = (file: File): void => {
    setError(undefined);
    readPicture(file, language.peek()).then((read) => {
      setSource("file");
      onPicture(read);
    }, setError);
  };
  const hasCamera = typeof navigator.mediaDevices?.getUserMedia === "function";
  const sources = ["sample", "draw", ...(hasCamera ? (["camera"] as const) : [])] as const;
  return (
    <Panel title={w.picture} class="picture-panel">
      <div class="stack">
        <Choice
          label={w.pictureKind}
          quiet
          as="segments"
          value={source}
          options={sources.map((value) => ({
            value,
            label: w.pictureUse[value as "sample" | "draw" | "camera"],
          }))}
          onChange={(value) => {
            setError(undefined);
            setSource(value);
            if (value === "sample") onPicture(samplePicture());
          }}
        />
        <DropZone label={w.pictureDrop} accept="image/*" onFiles={([file]) => take(file!)}>
          {source === "draw" ? (
            <DrawingBoard onPicture={onPicture} />
          ) : source === "camera" ? (
            <Camera onPicture={onPicture} onStop={() => setSource("file")} />
          ) : (
            <PictureView picture={picture} label={w.pictureName} class="shown-picture" />
          )}
        </DropZone>
        <ErrorMessage error={error} />
      </div>
    </Panel>
  );
}

const boardSide = 224;

function DrawingBoard({ onPicture }: { readonly onPicture: (picture: Picture) => void }) {
  const w = useWords(words);
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [number, number] | undefined>(undefined);
  const clear = (): void => {
    const context = canvas.current!.getContext("2d", { willReadFrequently: true })!;
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, boardSide, boardSide);
    onPicture(pictureOf(canvas.current!, boardSide, boardSide));
  };
  useEffect(clear, []);
  const draw = (event: PointerEvent): void => {
    if (!last.current) return;
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const next = [
      ((event.clientX - left) / width) * boardSide,
      ((event.clientY - top) / height) * boardSide,
    ] as const;
    const context = canvas.current!.getContext("2d", { willReadFrequently: true })!;
    context.strokeStyle = "#16202a";
    context.lineWidth = 9;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...last.current);
    context.lineTo(...next);
    context.stroke();
    last.current = next;
  };
  return (
    <div class="stack">
      <canvas
        ref={canvas}
        class="board"
        width={boardSide}
        height={boardSide}
        role="img"
        aria-label={w.drawHere}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
          last.current = [
            ((event.clientX - left) / width) * boardSide,
            ((event.clientY - top) / height) * boardSide,
          ];
          draw(event);
        }}
        onPointerMove={draw}
        onPointerUp={() => {
          last.current = undefined;
          onPicture(pictureOf(canvas.current!, boardSide, boardSide));
        }}
      />
      <div class="actions">
        <Button onClick={clear}>{w.clear}</Button>
        <span class="note">{w.drawHere}</span>
      </div>
    </div>
  );
}

/** Pictures a second that are taken from the camera. */
const camerasPace = 8;

function Camera({
  onPicture,
  onStop,
}: {
  readonly onPicture: (picture: Picture) => void;
  readonly onStop: () => void;
}) {
  const w = useWords(words);
  const video = useRef<HTMLVideoElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let gone = false;
    let pace: ReturnType<typeof setInterval> | undefined;
    const start = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 320 } });
      if (gone) return stream.getTracks().forEach((track) => track.stop());
      video.current!.srcObject = stream;
      await video.current!.play();
      if (gone) return;
      pace = setInterval(() => {
        const { videoWidth, videoHeight } = video.current!;
        if (videoWidth > 0) onPicture(pictureOf(video.current!, videoWidth, videoHeight));
      }, 1000 / camerasPace);
    };
    start().catch(() => gone || setRefused(true));
    return () => {
      gone = true;
      clearInterval(pace);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  if (refused) return <Message kind="warning">{w.cameraRefused}</Message>;
  return (
    <div class="stack">
      <video ref={video} class="shown-picture" muted playsInline aria-label={w.pictureUse.camera} />
      <div class="actions">
        <Button icon="stop" onClick={onStop}>
          {w.cameraStop}
        </Button>
      </div>
    </div>
  );
}
