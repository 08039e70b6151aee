/** The files of a folder that any static host serves, read only. */
import { FailureError, InputError } from '../errors.js';
import type { FileStore } from './store.js';

/** Whether a place is an address rather than a folder's path. */
export const isAddress = (place: string): boolean => /^https?:\/\//i.test(place);

export class HttpStore implements FileStore {
  readonly path: string;
  readonly #base: URL;

  /** @param address of the folder, with or without the slash at its end */
  constructor(address: string) {
    this.path = address;
    const base = new URL(address);
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    this.#base = base;
  }

  pathOf(name: string): string {
    const url = new URL(this.#base);
    url.pathname += name;
    return url.href;
  }

  async exists(): Promise<boolean> {
    return true;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.#fetch(name, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  /** Without its content. */
  async has(name: string): Promise<boolean> {
    return (await this.#fetch(name, async ({ body }) => body?.cancel().then(() => true) ?? true)) ?? false;
  }

  /** What `take` makes of the answer; undefined where there is no such file. */
  async #fetch<T>(name: string, take: (response: Response) => Promise<T>): Promise<T | undefined> {
    const url = this.pathOf(name);
    let response: Response;
    try {
      response = await fetch(url);
      if (response.ok) return await take(response);
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      throw new FailureError(`${url} cannot be fetched: ${cause?.message ?? message}`);
    }
    if (response.status === 404) return undefined;
    throw new FailureError(`${url} cannot be fetched: the server answers ${response.status}`);
  }

  write(): Promise<never> {
    return this.#refuse();
  }
  append(): Promise<never> {
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
