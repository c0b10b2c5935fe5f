/** Whole numbers that span the sizes, each once. */
export function sizeTicks(sizes: number[], wanted = 4): number[] {
  const low = Math.min(...sizes);
  const high = Math.max(...sizes);
  const rough = Math.max(1, (high - low) / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * ([1, 2, 5, 10].find((part) => part * power >= rough) ?? 10));
  const first = Math.floor(low / step) * step;
  const last = Math.max(first + step, Math.ceil(high / step) * step);
  return Array.from({ length: Math.round((last - first) / step) + 1 }, (_, index) => first + index * step);
}

const day = { day: 'numeric', month: 'short' } as const;
const clock = { hour: '2-digit', minute: '2-digit' } as const;
const formats: Intl.DateTimeFormatOptions[] = [
  day,
  { ...day, year: '2-digit' },
  clock,
  { ...clock, second: '2-digit' },
  { ...day, ...clock },
  { ...day, ...clock, second: '2-digit' },
];

/** The shortest way to write these moments so that no two look alike; times alone only within one day. */
export function momentLabels(moments: string[], timeZone?: string): Map<string, string> {
  const zone = timeZone ? { timeZone } : {};
  const written = (format: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat('en-GB', { ...format, ...zone });
    return moments.map((at) => formatter.format(new Date(at)));
  };
  const oneDay = new Set(written({ ...day, year: 'numeric' })).size === 1;
  const fits = formats.filter((format) => ('hour' in format ? 'day' in format || oneDay : !oneDay));
  const labels = fits.map(written);
  const best = labels.find((all) => new Set(all).size === moments.length) ?? labels.at(-1) ?? [];
  return new Map(moments.map((at, index) => [at, best[index] ?? at]));
}
