/** How figures are written. */

export const count = (value: number): string => value.toLocaleString('en');

export const percent = (value: number, digits = 1): string => `${(100 * value).toFixed(digits)}\u00a0%`;

export function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined) return 'time left not known yet';
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s left`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s left`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

export const plural = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
