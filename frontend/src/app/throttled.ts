/** Runs at most once per interval, and once more after the last call. */
export function throttled(interval: number, run: () => void): () => void {
  let waiting = false;
  let again = false;
  const open = () => {
    waiting = false;
    if (again) call();
  };
  const call = () => {
    if (waiting) {
      again = true;
      return;
    }
    again = false;
    waiting = true;
    run();
    setTimeout(open, interval);
  };
  return call;
}
