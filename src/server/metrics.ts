/**
 * Counters in Prometheus' text exposition format 0.0.4. Our own: five fixed series take fewer lines than the use of a client
 * library with its registry, and no dependencies.
 */

/** Upper ends of the histogram's bins, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export class Metrics {
  readonly #requests = new Map<number, number>();
  readonly #bins = new Float64Array(BOUNDS.length);
  #seconds = 0;
  #count = 0;
  #answered = 0;
  /** Inputs that wait for an answer now, and windows of long ones beyond the first of each. */
  waiting = 0;

  /** A prediction was asked for and answered, with a result or an error. */
  request(status: number, seconds: number): void {
    this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
    this.#seconds += seconds;
    this.#count++;
    BOUNDS.forEach((bound, i) => {
      if (seconds <= bound) this.#bins[i]++;
    });
  }

  answered(inputs: number): void {
    this.#answered += inputs;
  }

  render(residentBytes: number): string {
    const statuses = [...this.#requests].sort(([a], [b]) => a - b);
    return [
      '# HELP eft_requests_total Predictions asked for, by status.',
      '# TYPE eft_requests_total counter',
      ...statuses.map(([status, count]) => `eft_requests_total{status="${status}"} ${count}`),
      '# HELP eft_texts_total Inputs labelled.',
      '# TYPE eft_texts_total counter',
      `eft_texts_total ${this.#answered}`,
      '# HELP eft_waiting_texts Inputs that wait for an answer, each window of a long one counted.',
      '# TYPE eft_waiting_texts gauge',
      `eft_waiting_texts ${this.waiting}`,
      '# HELP eft_request_seconds From the request to its answer.',
      '# TYPE eft_request_seconds histogram',
      ...BOUNDS.map((bound, i) => `eft_request_seconds_bucket{le="${bound}"} ${this.#bins[i]}`),
      `eft_request_seconds_bucket{le="+Inf"} ${this.#count}`,
      `eft_request_seconds_sum ${this.#seconds}`,
      `eft_request_seconds_count ${this.#count}`,
      '# HELP process_resident_memory_bytes Resident memory.',
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${residentBytes}`,
      '',
    ].join('\n');
  }
}
