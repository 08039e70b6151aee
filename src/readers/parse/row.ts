/** Rows of data, whatever their format: named fields and where they stand; and rows that are none. */

export interface Row {
  /** Line on which it begins, or, where the format has no lines, number of the row; from 1. */
  readonly at: number;
  /** Of its fields, in order; those of nested objects as `a.b` behind the others. */
  readonly names: readonly string[];
  /** Of its fields alone. */
  readonly ownNames: readonly string[];
  /** Undefined if there is no such field. `a.b` is looked for inside `a` where no field is called so. */
  get(field: string): unknown;
}

/** What stands where a row should, and why it is none. */
export interface BadRow {
  readonly at: number;
  readonly fault: string;
}

export function isBad(row: Row | BadRow): row is BadRow {
  return 'fault' in row;
}

/** Own fields only: data may call a field `constructor`. */
function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** The value at `a.b.c` in an object: a field of that very name first, else one step after another. */
export function valueAt(object: unknown, path: string): unknown {
  const direct = own(object, path);
  if (direct !== undefined || !path.includes('.')) return direct;
  let value: unknown = object;
  for (const part of path.split('.')) value = own(value, part);
  return value;
}

/** A row of JSON or Parquet. */
export class ObjectRow implements Row {
  readonly at: number;
  readonly #fields: object;

  constructor(fields: object, at: number) {
    this.#fields = fields;
    this.at = at;
  }

  get ownNames(): string[] {
    return Object.keys(this.#fields);
  }

  get names(): string[] {
    const entries = Object.entries(this.#fields);
    const nested = entries
      .filter(([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value))
      .flatMap(([name, value]) => Object.keys(value).map((inner) => `${name}.${inner}`));
    return [...entries.map(([name]) => name), ...nested];
  }

  get(field: string): unknown {
    return valueAt(this.#fields, field);
  }
}

/** Columns of a table: their names, and where each stands. */
export class Columns {
  readonly names: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.#indices = new Map(names.map((name, i) => [name, i]));
  }

  indexOf(name: string): number | undefined {
    return this.#indices.get(name);
  }
}

/** A row of a table. */
export class TableRow implements Row {
  readonly at: number;
  readonly #columns: Columns;
  readonly #values: readonly string[];

  constructor(columns: Columns, values: readonly string[], at: number) {
    this.#columns = columns;
    this.#values = values;
    this.at = at;
  }

  get names(): readonly string[] {
    return this.#columns.names;
  }

  get ownNames(): readonly string[] {
    return this.#columns.names;
  }

  get(field: string): string | undefined {
    const index = this.#columns.indexOf(field);
    return index === undefined ? undefined : this.#values[index];
  }
}
