// The Network room: choose a network, see it as it flows, open a layer, change a block.
import { batch, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { SabokError } from "sabok";
import { readBlocks, type BlockList } from "../../engine/network/blocks.ts";
import type { ReadFileResult } from "../../engine/jobs/readNetworkFile.ts";
import type { NetworkSpec } from "../../engine/network/spec.ts";
import { enginesLost, warmEngine } from "../../engine/engine.ts";
import { ErrorMessage, Message, Progress, UserError } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { cropTo, samplePicture, tensorOf, type Picture } from "../../shared/picture.ts";
import { sharedWords } from "../../shared/sharedWords.ts";
import { useUrlState } from "../../shared/useUrlState.ts";
import { useJob } from "../../shared/useJob.ts";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { RoomProps } from "../../shell/rooms.ts";
import { BlockEditor } from "./BlockEditor.tsx";
import { Chooser } from "./Chooser.tsx";
import type { Coloring } from "./coloring.ts";
import { GraphPanel } from "./GraphPanel.tsx";
import { LayerPanel } from "./LayerPanel.tsx";
import { FindingList } from "./LintPanel.tsx";
import { NetworkFacts } from "./NetworkFacts.tsx";
import { PicturePanel } from "./PicturePanel.tsx";
import { ModelPicker } from "./ModelPicker.tsx";
import { useNetworkModel } from "./useNetwork.ts";
import { words } from "./words.ts";
import "./network.css";

warmEngine("describeNetwork", "layoutNetwork", "listModels");

const defaults = {
  model: "mobilenet_v2",
  blocks: "",
  file: "",
  /** Whether the server has the file: `sabok lab model.onnx`. */
  served: false,
  width: 1,
  size: 224,
  classes: 1000,
  color: "cost",
  layer: "",
  open: "",
} as const;

/** Of ImageNet's channels: what the published weights expect. */
const normalization = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

export function NetworkRoom({ state }: RoomProps) {
  const w = useWords(words);
  const shared = useWords(sharedWords);
  const n = useNumbers();
  const s = useUrlState(state, defaults);
  const model = useNetworkModel();
  const fileId = useSignal<string | undefined>(undefined);
  const weightsId = useSignal<string | undefined>(undefined);
  const reading = useSignal<string | undefined>(undefined);
  const fileError = useSignal<{ readonly name: string; readonly error: unknown } | undefined>(undefined);
  const weightsRead = useSignal<Extract<ReadFileResult, { kind: "weights" }> | undefined>(undefined);
  const chosenPicture = useSignal<Picture>(useMemo(() => samplePicture(), []));

  // A link from another room says the blocks only.
  const picked = useComputed(() =>
    s.blocks.value !== "" && s.model.value !== "file" ? "blocks" : s.model.value,
  );
  const spec = useComputed((): NetworkSpec | undefined => {
    const common = {
      width: s.width.value,
      size: s.size.value,
      classes: s.classes.value,
      ...(weightsId.value === undefined ? {} : { weights: weightsId.value }),
    };
    if (picked.value === "blocks") return { kind: "blocks", text: s.blocks.value, ...common };
    if (s.model.value !== "file") return { kind: "model", name: picked.value, ...common };
    return fileId.value === undefined
      ? undefined
      : { ...common, kind: "file", id: fileId.value, width: 1, size: 0, classes: 0 };
  });
  const list = useJob("listModels");
  useEffect(() => void list.run(undefined), []);
  const models = list.result.value ?? [];
  const wanted = spec.value;
  const lost = enginesLost.value;
  useEffect(() => {
    if (wanted) void model.show(wanted);
  }, [JSON.stringify(wanted), lost]);

  const view = model.view.value;
  const inspection = model.inspection.value?.key === view?.key ? model.inspection.value : undefined;
  const channels = view?.input[0];
  const picture = useMemo(
    () => (view ? cropTo(chosenPicture.value, view.input[2]!, view.input[1]!) : chosenPicture.value),
    [chosenPicture.value, view?.input.join()],
  );
  const image = useMemo(() => {
    if (channels === 3) return tensorOf(picture, normalization);
    return channels === 1 ? tensorOf(picture, { channels: 1, mean: [0.5], deviation: [0.5] }) : undefined;
  }, [picture, channels]);

  const selected = view?.nodes.find(({ id, name }) => id === s.layer.value || name === s.layer.value);
  const folded = s.layer.value.startsWith("block ") ? s.layer.value.slice("block ".length) : undefined;
  const scope = folded ?? selected?.block;
  const edit = (notation: string): void =>
    batch(() => {
      s.blocks.value = notation;
      if (picked.peek() !== "blocks") s.width.value = 1;
      s.model.value = "blocks";
      weightsId.value = undefined;
      weightsRead.value = undefined;
    });
  const changeBlock = (notation: string): void =>
    batch(() => {
      // A model's own names give way to those of blocks: what is selected and unfolded is named by its place.
      const scopes = blocks!.blocks.map((block) => block.scope);
      const renamed = (one: string): string =>
        scopes.includes(one) ? `features.${scopes.indexOf(one)}` : one;
      if (folded !== undefined) s.layer.value = `block ${renamed(folded)}`;
      else if (selected) s.layer.value = selected.id;
      s.open.value = s.open.peek().split(",").map(renamed).join(",");
      edit(notation);
      s.width.value = 1;
    });
  const takeFile = async (file: File): Promise<void> => {
    reading.value = file.name;
    fileError.value = undefined;
    const id = `${file.name} ${crypto.randomUUID()}`;
    try {
      const current: NetworkSpec = spec.peek() ?? {
        kind: "model",
        name: defaults.model,
        width: 1,
        size: 224,
        classes: 1000,
      };
      const result = await model.read(id, file, current);
      batch(() => {
        if (result.kind === "weights") {
          weightsId.value = id;
          weightsRead.value = result;
        } else {
          weightsId.value = undefined;
          weightsRead.value = undefined;
          fileId.value = id;
          s.file.value = file.name;
          s.model.value = "file";
          s.layer.value = "";
          s.open.value = "";
        }
      });
    } catch (error) {
      fileError.value = { name: file.name, error };
    } finally {
      reading.value = undefined;
    }
  };

  useEffect(() => {
    if (s.served.peek() && s.model.peek() === "file" && s.file.peek() !== "")
      void takeServed(s.file.peek(), takeFile, fileError);
  }, []);

  const findings = inspection?.lint ?? [];
  const blocks = useMemo(
    () =>
      view?.blocks &&
      blocksShown(view.blocks, picked.value === "blocks" && s.width.value === 1 ? s.blocks.value : undefined),
    [view, picked.value, s.width.value, s.blocks.value],
  );
  const editsBlock = scope !== undefined && blocks?.blocks.some((block) => block.scope === scope);
  return (
    <div class="room network">
      <header class="network-head">
        <div>
          <h1>
            {s.model.value === "file"
              ? s.file.value
              : picked.value === "blocks"
                ? w.fromBlocks
                : picked.value}
          </h1>
          <p class="lead">{w.lead}</p>
        </div>
        <ModelPicker
          models={models}
          model={picked.value}
          file={s.file.value}
          onPick={(name) => {
            if (name === "blocks") edit(view?.text ?? s.blocks.peek());
            else
              batch(() => {
                s.model.value = name;
                s.blocks.value = "";
              });
          }}
        />
      </header>
      {!crossOriginIsolated && <Message kind="warning">{shared.oneThread}</Message>}
      {s.model.value === "file" && fileId.value === undefined && (
        <Message kind="warning">{w.fileGone(s.file.value)}</Message>
      )}
      <ErrorMessage
        error={model.error.value}
        title={w.failed}
        onRetry={() => wanted && void model.show(wanted)}
      />
      {view && <NetworkFacts view={view} inspection={inspection} />}
      <div class="network-parts">
        <div class="stack choosing">
          <Chooser
            choice={s}
            picked={picked.value}
            models={models}
            notation={picked.value === "blocks" ? s.blocks.value : view?.text}
            onBlocks={edit}
            onFile={(file) => void takeFile(file)}
          />
          {reading.value !== undefined && <Progress label={w.reading(reading.value)} />}
          {fileError.value && (
            <ErrorMessage title={w.fileFailed(fileError.value.name)} error={fileError.value.error} />
          )}
          {weightsRead.value && (
            <Message kind={weightsRead.value.used === weightsRead.value.total ? "good" : "warning"}>
              {w.weightsUsed(n.integer(weightsRead.value.used), n.integer(weightsRead.value.total))}{" "}
              {weightsRead.value.unused.length > 0 && w.weightsUnused(weightsRead.value.unused.join(", "))}
            </Message>
          )}
          <PicturePanel picture={picture} onPicture={(next) => (chosenPicture.value = next)} />
        </div>
        <div class="stack seeing">
          {view && model.shown.value ? (
            <GraphPanel
              view={view}
              spec={model.shown.value}
              image={image}
              coloring={s.color.value as Coloring}
              onColoring={(coloring) => (s.color.value = coloring)}
              selected={s.layer.value}
              onOpen={(id) => (s.layer.value = id)}
              open={s.open.value}
              onFolding={(open) => (s.open.value = open)}
            />
          ) : (
            <Panel title={w.graph}>
              {wanted && model.error.value === undefined && <Progress label={w.building} />}
            </Panel>
          )}
        </div>
        <div class="stack inspecting">
          {blocks && editsBlock && <BlockEditor list={blocks} scope={scope} onChange={changeBlock} />}
          {view && selected && model.shown.value && (
            <LayerPanel
              key={`${selected.id}`}
              node={selected}
              spec={model.shown.value}
              picture={picture}
              image={image}
              trained={view.trained}
              findings={findings.filter(({ node }) => node === selected.name)}
              prepare={(one) => model.sendFiles(one)}
              onClose={() => (s.layer.value = "")}
            />
          )}
          {!selected && !editsBlock && (
            <Panel title={w.answers}>
              <p class="muted">{w.pickOne}</p>
            </Panel>
          )}
          <Panel title={w.lint}>
            {!inspection ? (
              <Progress label={w.lintWait} />
            ) : findings.length === 0 ? (
              <p class="muted">{w.lintNone}</p>
            ) : (
              <FindingList findings={findings} onShow={(name) => (s.layer.value = name)} />
            )}
          </Panel>
        </div>
      </div>
    </div>
  );
}

/** The blocks as their controls stand: as typed or last changed, though the engine has not answered yet. */
function blocksShown(shown: BlockList, notation: string | undefined): BlockList {
  if (notation === undefined) return shown;
  try {
    return readBlocks(notation, shown) ?? shown;
  } catch (error) {
    if (error instanceof SabokError) return shown; // a text that does not parse is said beside the field
    throw error;
  }
}

/** Fetches the file that the server was started with. */
async function takeServed(
  name: string,
  take: (file: File) => Promise<void>,
  problem: { value: { readonly name: string; readonly error: unknown } | undefined },
): Promise<void> {
  try {
    const answer = await fetch(`served/${encodeURIComponent(name)}`);
    if (!answer.ok) throw new UserError(`The server has no file ${name} (status ${answer.status}).`);
    await take(new File([await answer.arrayBuffer()], name));
  } catch (error) {
    problem.value = { name, error };
  }
}
