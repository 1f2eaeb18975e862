// The learning rate of each step: linear warm-up, then half a cosine down to zero (Loshchilov and Hutter, 2017).

export interface Schedule {
  /** The learning rate at the top. */
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** The learning rate of step 0 … totalSteps−1. The first warm-up step is already above zero, the last step is not yet zero. */
export function learningRateAt({ peak, warmupSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return (peak * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** How far the averaged weights move towards the trained ones at a step: 1 − decay, faster while the average is young. */
export function averagingAmountAt(decay: number, step: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}
