// The Lab's few icons: 20-unit line drawings in the colour of the text. They are decoration; names are given in words.
const paths = {
  upload: "M10 13V3M6 7l4-4 4 4M3 13v3h14v-3",
  play: "M6 4l10 6-10 6z",
  pause: "M6 4v12M14 4v12",
  step: "M5 4l8 6-8 6zM15 4v12",
  stop: "M5 5h10v10H5z",
  close: "M5 5l10 10M15 5L5 15",
  sun: "M10 6.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M4 16l1.4-1.4M14.6 5.4L16 4",
  moon: "M16.5 12A7 7 0 018 3.5a7 7 0 108.5 8.5z",
  warning: "M10 3l8 14H2zM10 8v4M10 14.2v.3",
  check: "M4 10.5l4 4 8-9",
  info: "M10 2a8 8 0 100 16 8 8 0 000-16zM10 9v5M10 6v.3",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  fit: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  camera: "M3 6h3l1.5-2h5L14 6h3v10H3zM10 8a3 3 0 100 6 3 3 0 000-6z",
  pencil: "M4 16l1-4 8.5-8.5 3 3L8 15z",
  download: "M10 3v10M6 9l4 4 4-4M3 14v3h14v-3",
  undo: "M7 4L3 8l4 4M3 8h9a4 4 0 010 8h-2",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
