const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compactFormat = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  maximumFractionDigits: 1,
});

export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : whole.format(value);
}

export function compact(value: number): string {
  return compactFormat.format(value);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** "+1,204", "−38" with a true minus sign, "0". */
export function signed(value: number): string {
  if (value === 0) return '0';
  return `${value > 0 ? '+' : '−'}${whole.format(Math.abs(value))}`;
}

/** A count never stands without its population. */
export function ofPopulation(count: number, population: number): string {
  return `${number(count)} of ${number(population)} users`;
}

export function percent(part: number, of: number): string {
  if (of <= 0) return '0%';
  const share = (part / of) * 100;
  if (share > 0 && share < 0.1) return '<0.1%';
  if (share > 99.9 && share < 100) return '>99.9%';
  return `${share.toFixed((share < 10 || share > 99) && share % 1 !== 0 ? 1 : 0)}%`;
}

const instantFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});
const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

function parsed(text: string | null | undefined): Date | null {
  if (!text) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Date and time in the reader's zone, with the zone named. */
export function instant(text: string | null | undefined): string {
  const date = parsed(text);
  return date ? instantFormat.format(date) : '–';
}

export function clock(text: string | null | undefined): string {
  const date = parsed(text);
  return date ? clockFormat.format(date) : '–';
}

/** A calendar day; for instants, the day in UTC. */
export function day(text: string | null | undefined): string {
  const date = parsed(text);
  return date ? dayFormat.format(date) : '–';
}

const steps: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
  [Number.POSITIVE_INFINITY, 'year'],
];
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function relative(text: string | null | undefined, now = Date.now()): string {
  const date = parsed(text);
  if (!date) return 'never';
  let amount = (date.getTime() - now) / 1000;
  if (Math.abs(amount) < 5) return 'just now';
  for (const [size, unit] of steps) {
    if (Math.abs(amount) < size) return relativeFormat.format(Math.round(amount), unit);
    amount /= size;
  }
  return '';
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${whole.format(Math.max(1, Math.round(ms)))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = size;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** The first digits of a digest, enough to compare by eye. */
export function shortDigest(digest: string): string {
  return digest.replace(/^[a-z0-9]+:/, '').slice(0, 12);
}
