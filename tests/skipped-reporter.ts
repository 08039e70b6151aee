/** Ends a run with one line: how many tests passed, failed and were skipped, and why those were. */
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** Names end so where `needing.ts` skips them. */
const NEEDS = / \(needs (.+)\)$/;

function reasonOf(test: TestCase): string {
  for (
    let node: TestCase | TestSuite | TestModule = test;
    node.type !== 'module';
    node = node.parent as TestSuite | TestModule
  ) {
    const needs = NEEDS.exec(node.name)?.[1];
    if (needs !== undefined) return `need ${needs}`;
    if (node.type === 'suite' && node.errors().length > 0) return 'come behind a set-up that failed';
  }
  return 'do not apply here';
}

/** @returns the line, without a line break */
export function summaryOf(modules: readonly TestModule[], errors: number): string {
  const counts = { passed: 0, failed: errors, skipped: 0, pending: 0 };
  const reasons = new Map<string, number>();
  for (const module of modules) {
    // A file that could not be loaded, or whose set-up of the whole failed.
    if (module.errors().length > 0) counts.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state]++;
      if (state === 'skipped') reasons.set(reasonOf(test), (reasons.get(reasonOf(test)) ?? 0) + 1);
    }
  }
  const { passed, failed, skipped, pending } = counts;
  const parts = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`];
  if (pending > 0) parts.push(`${pending} not run`);
  const why = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} ${reason}`);
  return parts.join(', ') + (why.length === 0 ? '' : `: ${why.join(', ')}`);
}

export default class SkippedReporter implements Reporter {
  #line = '';

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.#line = summaryOf(modules, errors.length);
    // Behind what other reporters and the coverage write.
    process.once('exit', () => process.stdout.write(`${this.#line}\n`));
  }
}
