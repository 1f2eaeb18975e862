// The five rooms: their names in the URL, their titles, and how each is loaded when it is opened.
import type { ComponentType } from "preact";
import type { UrlState } from "../shared/useUrlState.ts";

/** What every room's component is given. */
export interface RoomProps {
  /** The room's parameters in the URL, for `useUrlState(state, defaults)`. */
  readonly state: UrlState;
}

export interface Room {
  readonly title: { readonly en: string; readonly fa: string };
  readonly load: () => Promise<ComponentType<RoomProps>>;
}

export const rooms = {
  network: {
    title: { en: "Network", fa: "شبکه" },
    load: async () => (await import("../rooms/network/NetworkRoom.tsx")).NetworkRoom,
  },
  train: {
    title: { en: "Train", fa: "آموزش" },
    load: async () => (await import("../rooms/train/TrainRoom.tsx")).TrainRoom,
  },
  convolve: {
    title: { en: "Convolve", fa: "کانولوشن" },
    load: async () => (await import("../rooms/convolve/ConvolveRoom.tsx")).ConvolveRoom,
  },
  design: {
    title: { en: "Design", fa: "طراحی" },
    load: async () => (await import("../rooms/design/DesignRoom.tsx")).DesignRoom,
  },
  study: {
    title: { en: "Study", fa: "مطالعه" },
    load: async () => (await import("../rooms/study/StudyRoom.tsx")).StudyRoom,
  },
} as const satisfies Record<string, Room>;

export type RoomName = keyof typeof rooms;

export const roomNames = Object.keys(rooms) as RoomName[];
