/** Times of the steps of a series: whether they are evenly spaced, and where steps are missing. */

/** A date with a time of the day or without, as ISO 8601 and sktime write it. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** A time as a number: as it is, or the seconds of a date; undefined for what is neither. */
export function timeOf(word: string): number | undefined {
  const value = word === '' ? Number.NaN : Number(word);
  if (Number.isFinite(value)) return value;
  const date = DATE.exec(word);
  if (date === null) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = date;
  const seconds = Date.parse(`${day}T${time.replace(',', '.')}${zone}`) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

const short = (value: number): number => Number(value.toPrecision(6));

/** Steps that may be missing for each that is there. */
const MOST_MISSING = 10;

/**
 * Where each value stands among steps of equal length; sensors tick unevenly, so an interval may be half as long again as
 * the usual one, or half as long.
 * @param times in order
 * @returns the place of each from 0, which leaves out the missing; or what is wrong
 */
export function timePositions(times: readonly number[]): number[] | { readonly fault: string } {
  const intervals = times.slice(1).map((time, i) => time - times[i]);
  const backwards = intervals.findIndex((interval) => !(interval > 0));
  if (backwards >= 0) {
    const which = intervals[backwards] === 0 ? 'is there twice' : `comes after ${times[backwards]}`;
    return { fault: `time ${times[backwards + 1]} ${which}; times must rise within a series` };
  }
  const usual = [...intervals].sort((a, b) => a - b)[(intervals.length - 1) >> 1] ?? 1;
  const places = [0];
  for (const [i, interval] of intervals.entries()) {
    const steps = Math.round(interval / usual);
    if (interval < 0.5 * usual || steps > MOST_MISSING * (times.length + 1)) {
      return {
        fault: `its times are uneven: ${short(interval)} from ${times[i]} to ${times[i + 1]}, mostly ${short(usual)}; bring the series to equal steps`,
      };
    }
    places.push(places[i] + Math.max(1, steps));
  }
  if (places[places.length - 1] >= (MOST_MISSING + 1) * times.length) {
    return { fault: 'its times are uneven: most steps are missing; bring the series to equal steps' };
  }
  return places;
}

/** Values at their places, those of missing steps as NaN. */
export function spaced(values: ArrayLike<number>, places: readonly number[]): Float64Array {
  const all = new Float64Array(places[places.length - 1] + 1).fill(Number.NaN);
  for (const [i, place] of places.entries()) all[place] = values[i];
  return all;
}
