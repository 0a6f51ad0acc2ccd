const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `184,201` */
export function countText(value: number): string {
  return whole.format(value);
}

/** `12.4`, `1.2M`; for what changes all the time. */
export function rateText(value: number): string {
  return Math.abs(value) >= 10_000 ? short.format(value) : fine.format(value);
}

/** Octets a second as bits. */
export function bitsText(octetsPerSecond: number): string {
  return `${short.format(octetsPerSecond * 8)}bit/s`;
}

/** A share of a sum in percent; `–` of nothing. */
export function shareText(part: number, all: number): string {
  if (all <= 0) return '–';
  const percent = (100 * part) / all;
  // What is not all of it does not look so.
  return `${percent < 100 && percent > 99.95 ? '99.9' : fine.format(percent)} %`;
}

/** `02:58:41`, of today by the browser's clock; with the date where it is another day. */
export function timeText(time: string | null, today = new Date()): string {
  if (time === null) return '–';
  const read = new Date(time);
  const clock = read.toLocaleTimeString('en-GB');
  return read.toDateString() === today.toDateString() ? clock : `${read.toLocaleDateString('en-CA')} ${clock}`;
}

/** `1 session`, `2 sessions` */
export function amountText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
