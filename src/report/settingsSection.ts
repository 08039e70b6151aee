/** All that is needed to repeat the comparison: command, data, settings, machine, and every trial. */
import type { Results } from '../formats/results.js';
import { formatMemory } from './comparisonTable.js';
import { definitions, details, escapeHtml, table } from './html.js';

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 10 });
const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;

function trialTable({ trials }: Results): string {
  return table(
    'Every trial',
    [
      { title: 'model' },
      ...[
        'tokens',
        'seed',
        'parameters',
        'learning rate',
        'best epoch',
        's/epoch',
        'GFLOP/sequence',
        'full',
        'test accuracy',
        '95 %',
        'macro F1',
        'loss',
        'peak memory',
      ].map((title) => ({ title, numeric: true })),
    ],
    trials.map((trial) => [
      escapeHtml(trial.model),
      number(trial.sequenceLength),
      String(trial.seed),
      number(trial.parameters),
      String(trial.learningRate),
      `${trial.bestEpoch} of ${trial.epochs.length}`,
      trial.secondsPerEpoch.toFixed(2),
      (trial.flopsPerSequence / 1e9).toFixed(3),
      `${(100 * trial.realTokenShare).toFixed(0)} %`,
      percent(trial.test.accuracy),
      trial.test.accuracyInterval.map((value) => (100 * value).toFixed(1)).join(' to '),
      trial.test.macroF1.toFixed(4),
      trial.test.loss.toFixed(4),
      formatMemory(trial.peakMemoryBytes),
    ]),
  );
}

function tuningTable({ tuning }: Results): string {
  return table(
    'Trials of the learning rate, on the validation split',
    [
      { title: 'model' },
      ...['tokens', 'learning rate', 'epochs', 'accuracy', 'loss'].map((title) => ({ title, numeric: true })),
    ],
    tuning.map(({ model, sequenceLength, learningRate, epochs, validation }) => [
      escapeHtml(model),
      number(sequenceLength),
      String(learningRate),
      String(epochs),
      percent(validation.accuracy),
      validation.loss > 1e6 ? 'diverged' : validation.loss.toFixed(4),
    ]),
  );
}

/** One configuration a model and length; the seeds share it. */
function configurations({ trials }: Results): string {
  const seen = new Map(
    trials.map((trial) => [`${trial.model} ${trial.sequenceLength}`, trial.configuration]),
  );
  return [...seen.values()]
    .map((configuration) => `<pre>${escapeHtml(JSON.stringify(configuration))}</pre>`)
    .join('\n');
}

export function settingsSection(results: Results): string {
  const { protocol, command, trials, tuning } = results;
  const machines = [
    ...new Map(trials.map(({ machine = results.machine }) => [JSON.stringify(machine), machine])).values(),
  ];
  const { train, validation, test } = protocol.splits;
  const seeds = [...new Set(trials.map(({ seed }) => seed))].sort((a, b) => a - b);
  const rates = Object.entries(protocol.learningRates).map(([model, rate]) => `${model} ${rate}`);
  return `<pre><code>${escapeHtml(command)}</code></pre>
${definitions([
  ['data', protocol.data],
  ['examples', `${number(train)} training, ${number(validation)} validation, ${number(test)} test`],
  [
    'classes in the test split',
    protocol.classes.map((name, i) => `${name} ${protocol.testClasses[i]}`).join(', '),
  ],
  ['hash of the test items', protocol.testItems],
  ['seeds', seeds.join(', ')],
  ['epochs', String(protocol.epochs)],
  ['batch', `${protocol.batchSize} sequences`],
  ['tokens', `${protocol.tokenizer}, vocabulary ${number(protocol.vocabulary)}`],
  [
    'optimizer',
    `AdamW, weight decay ${protocol.weightDecay}, gradient norm at most ${protocol.clipNorm}, warm-up over ${percent(protocol.warmupShare)} of the steps`,
  ],
  ['learning rates', `${rates.join(', ')}${tuning.length > 0 ? ', chosen on the validation split' : ''}`],
  ...machines.map(({ cpu, threads, tier, node }, i): [string, string] => [
    machines.length > 1 ? `machine ${i + 1}` : 'machine',
    `${cpu}, ${threads} threads, ${tier}, Node.js ${node}`,
  ]),
  ['results', `format ${results.format}, version ${results.version}`],
])}
<p>Each trial ran in a process of its own, in random order. The epoch with the best validation decided which weights were tested, once. “Full” is the mean share of a training sequence that is text, not padding.</p>
${machines.length > 1 ? '<p>The trials ran on several machines. Times are those of the machine with the most trials; of models that did not run on it at a length, those of another, and not compared.</p>' : ''}
${details('Every trial', trialTable(results))}
${tuning.length > 0 ? details('Trials of the learning rate', tuningTable(results)) : ''}
${details('Model configurations', configurations(results))}`;
}
