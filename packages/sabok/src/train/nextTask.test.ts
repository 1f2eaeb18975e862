import { expect, test } from "vitest";
import { nextTask } from "./nextTask.ts";

test("events that are waiting come first, and it does resolve", async () => {
  const order: string[] = [];
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise<void>((resolve) => {
    port1.onmessage = () => {
      order.push("waiting message");
      resolve();
    };
  });
  port2.postMessage("before");
  await nextTask();
  order.push("next task");
  await heard;
  port1.close();
  expect(order).toEqual(["waiting message", "next task"]);
});
