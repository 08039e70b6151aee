/** The files of a folder that any static host serves, read only. */
import { FailureError, InputError } from '../errors.js';
import { withoutSecrets } from './address.js';
import { type FileStore, tooLarge } from './store.js';

/** Whether a place is an address rather than a folder's path. */
export const isAddress = (place: string): boolean => /^https?:\/\//i.test(place);

/** How long and how much is read from an address. */
export interface AddressOptions {
  /**
   * Seconds without a byte after which an address is given up; a whole file may take twenty times as long.
   * @default 30
   */
  readonly timeout?: number | undefined;
  /**
   * Largest file to accept, bytes when decoded. The files of a model have smaller limits of their own, which follow from
   * its configuration.
   * @default 4 GiB
   */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_TIMEOUT = 30;
const DEFAULT_MAX_BYTES = 2 ** 32;
/** A whole file may take this many times as long as the pause between two of its bytes. */
const WHOLE_FILE = 20;
/** What a timer can count, ms. */
const LONGEST_MS = 2 ** 31 - 1;

export class HttpStore implements FileStore {
  readonly path: string;
  readonly #base: URL;
  readonly #authorization: string | undefined;
  readonly #timeout: number;
  readonly #maxBytes: number;

  /**
   * Throws InputError on an address or a limit that is none.
   * @param address of the folder, with or without the slash at its end; user and password in it are sent as HTTP's basic
   * authentication, its query is sent with every request. Neither is shown in messages
   */
  constructor(
    address: string,
    { timeout = DEFAULT_TIMEOUT, maxBytes = DEFAULT_MAX_BYTES }: AddressOptions = {},
  ) {
    if (!URL.canParse(address)) throw new InputError(`${withoutSecrets(address)} is not a valid address`);
    for (const [name, value] of Object.entries({ timeout, maxBytes })) {
      if (!(value > 0)) throw new InputError(`${name} must be a number above 0, got ${value}`);
    }
    const base = new URL(address);
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    if (base.username !== '' || base.password !== '') {
      const bytes = new TextEncoder().encode(
        `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`,
      );
      this.#authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
    }
    base.username = '';
    base.password = '';
    this.#base = base;
    this.path = withoutSecrets(address);
    this.#timeout = timeout;
    this.#maxBytes = maxBytes;
  }

  /** Without what only the host may know. */
  pathOf(name: string): string {
    return withoutSecrets(this.#urlOf(name));
  }

  #urlOf(name: string): string {
    const url = new URL(this.#base);
    url.pathname += name;
    return url.href;
  }

  async exists(): Promise<boolean> {
    return true;
  }

  read(name: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    return this.#fetch(name, (response, progress) =>
      this.#body(name, response, Math.min(maxBytes, this.#maxBytes), progress),
    );
  }

  /** Without its content. */
  async has(name: string): Promise<boolean> {
    return (await this.#fetch(name, async ({ body }) => body?.cancel().then(() => true) ?? true)) ?? false;
  }

  /** Counted as they are decoded: a few bytes of gzip may be gigabytes. */
  async #body(
    name: string,
    { body, headers }: Response,
    limit: number,
    progress: () => void,
  ): Promise<Uint8Array> {
    const refuse = (): never => {
      throw new InputError(tooLarge(this.pathOf(name), limit));
    };
    if (Number(headers.get('content-length') ?? 0) > limit) refuse();
    if (body === null) return new Uint8Array();
    const parts: Uint8Array[] = [];
    let length = 0;
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      progress();
      length += value.length;
      if (length > limit) refuse();
      parts.push(value);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** What `take` makes of the answer; undefined where there is no such file. */
  async #fetch<T>(
    name: string,
    take: (response: Response, progress: () => void) => Promise<T>,
  ): Promise<T | undefined> {
    const shown = this.pathOf(name);
    const fault = (reason: string): FailureError =>
      new FailureError(`${shown} cannot be fetched: ${reason}`, 'network');
    const controller = new AbortController();
    const giveUp = (reason: string) => () => controller.abort(fault(reason));
    const milliseconds = this.#timeout * 1000;
    const wait = (factor: number, reason: string): ReturnType<typeof setTimeout> =>
      setTimeout(giveUp(reason), Math.min(factor * milliseconds, LONGEST_MS));
    const silence = `nothing came for ${this.#timeout} s`;
    const whole = wait(WHOLE_FILE, `it was not there after ${WHOLE_FILE * this.#timeout} s`);
    let pause = wait(1, silence);
    const progress = (): void => {
      clearTimeout(pause);
      pause = wait(1, silence);
    };
    try {
      const headers = this.#authorization === undefined ? {} : { authorization: this.#authorization };
      const response = await fetch(this.#urlOf(name), { headers, signal: controller.signal });
      progress();
      if (response.ok) return await take(response, progress);
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw fault(`the server answers ${response.status}`);
    } catch (error) {
      if (controller.signal.aborted) throw controller.signal.reason;
      if (error instanceof InputError || error instanceof FailureError) throw error;
      const { message, cause } = error as Error & { cause?: Error };
      throw fault(withoutSecrets(cause?.message || message));
    } finally {
      clearTimeout(whole);
      clearTimeout(pause);
      // What is not read to its end must not go on coming.
      controller.abort();
    }
  }

  write(): Promise<never> {
    return this.#refuse();
  }
  append(): Promise<never> {
    return this.#refuse();
  }
  remove(): Promise<never> {
    return this.#refuse();
  }
  requireMakeable(): Promise<never> {
    return this.#refuse();
  }
  prepare(): Promise<never> {
    return this.#refuse();
  }
  lock(): Promise<never> {
    return this.#refuse();
  }

  async #refuse(): Promise<never> {
    throw new InputError(`${this.path}: nothing can be written to an address; name a folder`);
  }
}
