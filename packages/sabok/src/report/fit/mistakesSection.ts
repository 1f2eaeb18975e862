// The mistakes the network was surest of, as pictures: wrong labels and hard images show here first.
import { html, type Html } from "../html.ts";
import { numberWriter } from "../language.ts";
import type { Section } from "../page.ts";
import { pngDataUri } from "../png.ts";
import type { FitReport } from "./fitReport.ts";

const write = numberWriter("en");
const most = 24;

export async function mistakesSection({ data: { classes }, test, testImages }: FitReport): Promise<Section> {
  const mistakes = test.predictions
    .filter(({ actual, predicted }) => actual !== predicted)
    .sort((a, b) => b.confidence - a.confidence || a.index - b.index)
    .slice(0, most);
  const { channels, height, width, files } = testImages;
  const size = channels * height * width;
  const pictures = await Promise.all(
    mistakes.map(async ({ index, actual, predicted, confidence }): Promise<Html> => {
      const pixels = testImages.pixels.subarray(index * size, (index + 1) * size);
      const source = await pngDataUri({ pixels, channels, height, width });
      const origin = files?.[index] ?? `test image ${index}`;
      const said = `actual ${classes[actual]}, said ${classes[predicted]}, ${write.percent(confidence, 0)}`;
      return html`<li>
        <figure>
          <img
            src="${source}"
            width="${width}"
            height="${height}"
            alt="${origin}: ${said}"
            title="${origin}"
          />
          <figcaption>
            actual <bdi>${classes[actual]}</bdi>, said <bdi>${classes[predicted]}</bdi>,
            ${write.percent(confidence, 0)}
          </figcaption>
        </figure>
      </li> `;
    }),
  );
  return {
    id: "mistakes",
    title: "The most confident mistakes",
    body:
      pictures.length === 0
        ? html`<p>None: every test image was recognised.</p>`
        : html`<p>
              The ${pictures.length === 1 ? "one test image" : `${pictures.length} test images`} that the
              network was surest about and got wrong, surest first, as it sees them. The percentage is the
              probability it gave to its answer.
            </p>
            <ul class="pictures">
              ${pictures}
            </ul>`,
  };
}
