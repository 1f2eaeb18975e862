// Images of a page as tensors.
import { SabokError, type Tensor } from "../core/index.ts";
import { imageTensor, type ImageOptions, type Pixels } from "./imageTensor.ts";

/** What a page has of images: pixels, an element or a canvas, a file. */
export type ImageTarget = ImageData | Blob | ImageBitmapSource;

/**
 * An image of a page as a tensor [1,3,H,W]. An image element must have loaded. In Node, `sabok/node` has a `fromImage` that takes paths.
 * Throws a SabokError where the image does not decode.
 */
export async function fromImage(
  target: ImageTarget,
  options: ImageOptions = {},
): Promise<Tensor & { readonly data: Float32Array }> {
  return imageTensor(await pixelsOf(target), options);
}

async function pixelsOf(target: ImageTarget): Promise<Pixels> {
  if (target instanceof ImageData) return target;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(target, { premultiplyAlpha: "none" });
  } catch (error) {
    throw new SabokError(`fromImage: the image does not decode: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}
