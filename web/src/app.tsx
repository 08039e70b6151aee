/** The page, from top to bottom. */
import { Fault } from './parts/card.tsx';
import { Compare } from './parts/compare.tsx';
import { Data } from './parts/data.tsx';
import { Predict } from './parts/predict.tsx';
import { Result } from './parts/result.tsx';
import { Train } from './parts/train.tsx';
import { announcement, machine } from './state.ts';

export function App() {
  return (
    <>
      <header class="top">
        <h1>Train a text classifier in this tab</h1>
        <p>
          Your file never leaves your machine: this page may ask no address for anything, and its{' '}
          <abbr title="Content Security Policy">browser’s policy</abbr> enforces it. No account, no upload, no
          graphics card.
        </p>
        <Machine />
      </header>
      <main>
        <Fault place="page" />
        <Data />
        <Train />
        <Result />
        <Predict />
        <Compare />
      </main>
      <footer>
        <p>
          elastic-fourier {LIBRARY_VERSION}. The same models train faster still in a terminal:{' '}
          <code>npx eft train</code>.
        </p>
      </footer>
      <p class="hidden" role="status">
        {announcement.value}
      </p>
    </>
  );
}

function Machine() {
  const found = machine.value;
  if (found === undefined) return <p class="machine busy">Loading …</p>;
  const { threads, sharesMemory, kept } = found;
  return (
    <div class="machine">
      <ul>
        <li class="good">Ready</li>
        <li class={sharesMemory ? 'good' : 'fair'}>
          {threads} {threads === 1 ? 'thread' : 'threads'}
        </li>
        {kept && <li class="good">works offline from now on</li>}
      </ul>
      {!sharesMemory && <Isolation kept={kept} />}
    </div>
  );
}

/** Why there is one thread, and what to do about it. */
function Isolation({ kept }: { readonly kept: boolean }) {
  return (
    <details>
      <summary>Why one thread?</summary>
      <p>
        Browsers share memory between threads on cross-origin isolated pages alone.{' '}
        {kept &&
          'Load this page again: what it keeps for use without a network brings the headers that isolate it. '}
        For all visits, have its host send these two headers with every file:
      </p>
      <pre>
        Cross-Origin-Opener-Policy: same-origin{'\n'}
        Cross-Origin-Embedder-Policy: require-corp
      </pre>
    </details>
  );
}
