export { gradients, vectorJacobianProduct } from "./gradients.ts";
