/** Milliseconds of processor time that this process has used, all its threads together. */
export function cpuMilliseconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
