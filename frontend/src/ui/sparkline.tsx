/** A small line of sizes, oldest first; the numbers are beside it, so it is decoration. */
export function Sparkline({ values, width = 104, height = 28 }: { values: number[]; width?: number; height?: number }) {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || 1;
  const flat = high === low;
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * (width - 4) + 2;
    const y = flat ? height / 2 : height - 3 - ((value - low) / span) * (height - 6);
    return [x, y] as const;
  });
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const [endX, endY] = points.at(-1) ?? [0, 0];
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden className="rc-spark">
      <polygon points={`2,${height} ${line} ${width - 2},${height}`} />
      <polyline points={line} />
      <circle cx={endX} cy={endY} r={2.4} />
    </svg>
  );
}
