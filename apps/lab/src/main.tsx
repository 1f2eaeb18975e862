// The Lab begins: the theme, the URL, the frame.
import { render } from "preact";
import "@fontsource-variable/vazirmatn/wght.css";
import "./shared/theme.css";
import { warmEngine } from "./engine/engine.ts";
import { startRouter } from "./shell/router.ts";
import { Shell } from "./shell/Shell.tsx";

warmEngine();
startRouter();
render(<Shell />, document.getElementById("lab")!);
