// From what a detector's network gives to boxes on a picture: decoding against anchors, and leaving out what a better box covers.
import { SabokError, formatShape, tensor, type Tensor } from "../core/index.ts";
import { keptBoxes } from "../ops/index.ts";

/** A box that a detector found. */
export interface Detection {
  /** The class's place among the scores. */
  readonly class: number;
  /** 0 to 1. */
  readonly score: number;
  /** In shares of the picture's height and width. */
  readonly box: {
    readonly top: number;
    readonly left: number;
    readonly bottom: number;
    readonly right: number;
  };
}

export interface DetectionOptions {
  /** The least score. Default 0.5. */
  readonly score?: number;
  /** Of two boxes of a class that overlap by more than this share of their union the better one stays. Default 0.5. */
  readonly overlap?: number;
  /** The most boxes of one class. Default 20. */
  readonly most?: number;
  /** Whether the first class stands for nothing: it is left out, and classes count from the second. Default false. */
  readonly background?: boolean;
}

/** How far a network's offsets are scaled, as TensorFlow's detectors are trained: centre y and x, height, width. */
export const ssdScales = [10, 10, 5, 5] as const;

/**
 * Boxes [A,4] (top, left, bottom, right) from a network's offsets [1,A,4] and its anchors [A,4], corners both. With an anchor's centre c
 * and size s, offsets t and scales k: centre = t·s/k + c, size = s·exp(t/k) (Ren et al., 2015; Liu et al., 2016).
 * Throws a SabokError where the shapes do not fit.
 */
export function decodeBoxes(offsets: Tensor, anchors: Tensor, scales: readonly number[] = ssdScales): Tensor {
  const count = anchors.data.length / 4;
  if (anchors.shape.at(-1) !== 4 || offsets.data.length !== anchors.data.length)
    throw new SabokError(
      `decodeBoxes: got offsets ${formatShape(offsets.shape)} and anchors ${formatShape(anchors.shape)}; expected [1,A,4] and [A,4].`,
    );
  const boxes = new Float32Array(4 * count);
  for (let i = 0; i < count; i++)
    for (const axis of [0, 1]) {
      const [from, to] = [anchors.data[4 * i + axis]!, anchors.data[4 * i + axis + 2]!];
      const size = to - from;
      const centre = (offsets.data[4 * i + axis]! / scales[axis]!) * size + (from + to) / 2;
      const half = (Math.exp(offsets.data[4 * i + axis + 2]! / scales[axis + 2]!) * size) / 2;
      boxes[4 * i + axis] = centre - half;
      boxes[4 * i + axis + 2] = centre + half;
    }
  return tensor([count, 4], boxes);
}

/**
 * The boxes that stay, the best first, from boxes [A,4] and scores [1,A,C]: those above the least score that
 * no better box of their class covers. Throws a SabokError where the shapes do not fit.
 */
export function keepDetections(
  boxes: Tensor,
  scores: Tensor,
  { score = 0.5, overlap = 0.5, most = 20, background = false }: DetectionOptions = {},
): Detection[] {
  const count = boxes.data.length / 4;
  const classes = scores.shape.at(-1) ?? 0;
  if (boxes.shape.at(-1) !== 4 || scores.data.length !== count * classes)
    throw new SabokError(
      `keepDetections: got boxes ${formatShape(boxes.shape)} and scores ${formatShape(scores.shape)}; expected [A,4] and [1,A,C].`,
    );
  const first = background ? 1 : 0;
  const byClass = new Float32Array(count * (classes - first));
  for (let i = 0; i < count; i++)
    for (let c = first; c < classes; c++) byClass[(c - first) * count + i] = scores.data[i * classes + c]!;
  const rows = keptBoxes(tensor([1, count, 4], boxes.data), tensor([1, classes - first, count], byClass), {
    most,
    overlap,
    score,
    centred: false,
  });
  return rows
    .map(([, c, i]) => {
      const [top, left, bottom, right] = boxes.data.subarray(4 * i, 4 * i + 4);
      const box = { top: top!, left: left!, bottom: bottom!, right: right! };
      return { class: c, score: byClass[c * count + i]!, box };
    })
    .sort((a, b) => b.score - a.score);
}

/** What a network's outputs are, by their shapes. */
export interface DetectorOutputs {
  readonly boxes: Tensor;
  readonly scores: Tensor;
}

/**
 * Boxes and scores among a detector's outputs: one of shape [.., A, 4] and one of [.., A, C]; where a further [.., A, 4] is named as the
 * anchors, the first holds offsets from them. Throws a SabokError where there are no such outputs.
 */
export function detectorOutputs(
  outputs: Readonly<Record<string, Tensor>>,
  anchors?: string,
): DetectorOutputs {
  const entries = Object.entries(outputs).filter(([name]) => name !== anchors);
  const isBoxes = ({ shape }: Tensor): boolean => shape.at(-1) === 4 && shape.length >= 2;
  const countOf = ({ shape, data }: Tensor): number => data.length / shape.at(-1)!;
  const found = entries.find(([, value]) => isBoxes(value))?.[1];
  const scores = entries.find(
    ([, value]) => value !== found && found && countOf(value) === countOf(found),
  )?.[1];
  if (!found || !scores)
    throw new SabokError(
      `The model gives no boxes with scores: expected outputs of shapes [1,A,4] and [1,A,C], got ${Object.entries(
        outputs,
      )
        .map(([name, { shape }]) => `"${name}" ${formatShape(shape)}`)
        .join(", ")}.`,
    );
  if (anchors !== undefined) return { boxes: decodeBoxes(found, outputs[anchors]!), scores };
  return { boxes: tensor([countOf(found), 4], found.data), scores };
}
