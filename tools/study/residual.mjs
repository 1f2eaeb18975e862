// Trains the two residual networks of the study's chapter 1.6 on Fashion-MNIST at 14x14 and writes
// packages/sabok/assets/study/residual-post.safetensors and residual-pre.safetensors. One to three minutes.
//
//   node tools/study/residual.mjs
import { openFashionTraining, scalar } from "./fashionTraining.mjs";

const training = await openFashionTraining({ learningRate: 3e-3 });
const { residualNetwork, trainedKinds } = await training.load("study/1.6/trainedNets.ts");
for (const kind of trainedKinds) {
  const { states, accuracy } = await training.train(kind, residualNetwork(kind));
  training.write(`residual-${kind}`, new Map([...states, ["measured.accuracy", scalar(accuracy)]]));
}
await training.close();
