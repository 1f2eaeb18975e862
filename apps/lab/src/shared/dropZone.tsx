// A place to drop a file on, or to choose one with the keyboard.
import { useId, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Icon } from "./icons.tsx";

export interface DropZoneProps {
  /** What may be dropped: "Drop an ONNX file, or choose one". */
  readonly label: string;
  /** As an input's accept: ".onnx,.tflite". */
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  /** Wraps its children, which then take the drop; without them it is a button of its own. */
  readonly children?: ComponentChildren;
}

/** Takes files by drop, by click and by keyboard. What is in them is the caller's to judge. */
export function DropZone({ label, accept, multiple = false, onFiles, children }: DropZoneProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const take = (files: FileList | null | undefined): void => {
    const given = [...(files ?? [])];
    if (given.length > 0) onFiles(multiple ? given : given.slice(0, 1));
  };
  const enter = (by: 1 | -1) => (event: DragEvent) => {
    event.preventDefault();
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return (
    <div
      class={`drop ${children === undefined ? "" : "around"} ${over ? "over" : ""}`}
      onDragEnter={enter(1)}
      onDragLeave={enter(-1)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {children}
      <div class="chooser">
        <input
          id={id}
          type="file"
          class="unseen"
          accept={accept}
          multiple={multiple}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
        <label for={id}>
          <Icon name="upload" />
          <span>{label}</span>
        </label>
      </div>
    </div>
  );
}
