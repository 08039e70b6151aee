/**
 * What test files take from vitest, for a page: bundled in its place. Collects the tests of the files that are imported
 * and runs them one after the other; `expect` is vitest's own.
 */
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = (value: unknown, message?: string): Chai.Assertion => chai.expect(value, message);

type Body = () => unknown;
type Each<Row> = (name: string, body: (...values: Row[]) => unknown) => void;

interface Group {
  readonly name: string;
  readonly parts: (Group | { readonly name: string; readonly body: Body })[];
  readonly before: Body[];
  readonly after: Body[];
}

export interface TestResult {
  readonly name: string;
  /** Absent: passed. */
  readonly fault?: string;
}

const newGroup = (name: string): Group => ({ name, parts: [], before: [], after: [] });

const root = newGroup('');
let current = root;

/** As in vitest: `$name` is a property of the first value, `%s` and the like the values in turn. */
function nameOf(template: string, values: readonly unknown[]): string {
  const rest = [...values];
  return template
    .replace(/\$(\w+)/g, (_, key: string) => String((values[0] as Record<string, unknown>)[key]))
    .replace(/%[sif]/g, () => String(rest.shift()));
}

/** A row that is an array holds several values. */
const eachOf =
  (declare: (name: string, body: Body) => void) =>
  <Row>(rows: readonly Row[]): Each<Row> =>
  (template, body) => {
    for (const row of rows) {
      const values = (Array.isArray(row) ? row : [row]) as Row[];
      declare(nameOf(template, values), () => body(...values));
    }
  };

function declareGroup(name: string, body: Body): void {
  const outer = current;
  current = newGroup(name);
  outer.parts.push(current);
  body();
  current = outer;
}

const declareTest = (name: string, body: Body): void => void current.parts.push({ name, body });

export const describe = Object.assign(declareGroup, { each: eachOf(declareGroup) });
export const it = Object.assign(declareTest, { each: eachOf(declareTest) });
export const beforeAll = (body: Body): void => void current.before.push(body);
export const afterAll = (body: Body): void => void current.after.push(body);

const faultOf = (error: unknown): string => (error instanceof Error ? `${error.stack}` : String(error));

async function runGroup(group: Group, path: string, results: TestResult[]): Promise<void> {
  const where = (name: string): string => (path === '' ? name : `${path} > ${name}`);
  const attempt = async (name: string, body: Body, passed: boolean): Promise<void> => {
    try {
      await body();
      if (passed) results.push({ name });
    } catch (error) {
      results.push({ name, fault: faultOf(error) });
    }
  };
  for (const body of group.before) await attempt(where('beforeAll'), body, false);
  for (const part of group.parts) {
    if ('body' in part) await attempt(where(part.name), part.body, true);
    else await runGroup(part, where(part.name), results);
  }
  for (const body of group.after) await attempt(where('afterAll'), body, false);
}

/** Every test of the files imported so far. */
export async function runTests(): Promise<TestResult[]> {
  const results: TestResult[] = [];
  await runGroup(root, '', results);
  return results;
}
