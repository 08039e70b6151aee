/** All that is needed to repeat the comparison: command, data, settings, machine, and every trial. */
import { unitOf } from '../comparison/compareResults.js';
import type { Results, Trial } from '../comparison/results/schema.js';
import { byRank } from '../model/families/display.js';
import { count, memory, percent, plural, points } from './format.js';
import { fusionText } from './fusionText.js';
import { definitions, details, escapeHtml, table } from './html.js';

type Placed = Pick<Trial, 'model' | 'sequenceLength'> & Partial<Pick<Trial, 'seed'>>;

/** As in the tables above: by length, then the model's place, then seed. */
const inOrder = (a: Placed, b: Placed): number =>
  a.sequenceLength - b.sequenceLength || byRank(a.model, b.model) || (a.seed ?? 0) - (b.seed ?? 0);

function trialTable({ trials, protocol }: Results): string {
  return table(
    'Every trial',
    [
      { title: 'model' },
      ...[
        unitOf(protocol),
        'seed',
        'parameters',
        'learning rate',
        'best epoch',
        's/epoch',
        'GFLOP/sequence',
        'full',
        'test accuracy',
        '95%',
        'macro F1',
        'loss',
        'peak memory',
      ].map((title) => ({ title, numeric: true })),
    ],
    trials
      .toSorted(inOrder)
      .map((trial) => [
        escapeHtml(trial.model),
        count(trial.sequenceLength),
        String(trial.seed),
        count(trial.parameters),
        String(trial.learningRate),
        `${trial.bestEpoch} of ${trial.epochs.length}`,
        trial.secondsPerEpoch.toFixed(2),
        (trial.flopsPerSequence / 1e9).toFixed(3),
        percent(trial.realTokenShare, 0),
        percent(trial.test.accuracy),
        trial.test.accuracyInterval.map((value) => points(value)).join(' to '),
        trial.test.macroF1.toFixed(4),
        trial.test.loss.toFixed(4),
        memory(trial.peakMemoryBytes),
      ]),
  );
}

function tuningTable({ tuning, protocol }: Results): string {
  return table(
    'Trials of the learning rate, on the validation split',
    [
      { title: 'model' },
      ...[unitOf(protocol), 'learning rate', 'epochs', 'accuracy', 'loss'].map((title) => ({
        title,
        numeric: true,
      })),
    ],
    tuning
      .toSorted(inOrder)
      .map(({ model, sequenceLength, learningRate, epochs, validation }) => [
        escapeHtml(model),
        count(sequenceLength),
        String(learningRate),
        count(epochs),
        percent(validation.accuracy),
        validation.loss > 1e6 ? 'diverged' : validation.loss.toFixed(4),
      ]),
  );
}

/** One configuration a model and length; the seeds share it. */
function configurations({ trials }: Results): string {
  const seen = new Map(
    trials.toSorted(inOrder).map((trial) => [`${trial.model} ${trial.sequenceLength}`, trial.configuration]),
  );
  return [...seen.values()]
    .map((configuration) => `<pre>${escapeHtml(JSON.stringify(configuration))}</pre>`)
    .join('\n');
}

/** What came of the deep path of each model that has two. */
function paths({ trials, protocol }: Results): [string, string][] {
  return trials
    .toSorted(inOrder)
    .flatMap(({ model, sequenceLength, seed, fusion }) =>
      fusion === undefined
        ? []
        : [[`${model}, ${count(sequenceLength)} ${unitOf(protocol)}, seed ${seed}`, fusionText(fusion)]],
    );
}

export function settingsSection(results: Results): string {
  const unit = unitOf(results.protocol);
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
  ['examples', `${count(train)} training, ${count(validation)} validation, ${count(test)} test`],
  [
    'classes in the test split',
    protocol.classes.map((name, i) => `${name} ${count(protocol.testClasses[i])}`).join(', '),
  ],
  ['hash of the test items', protocol.testItems],
  ['seeds', seeds.join(', ')],
  ['epochs', count(protocol.epochs)],
  ['batch', plural(protocol.batchSize, 'sequence')],
  ...(unit === 'steps'
    ? []
    : [['tokens', `${protocol.tokenizer}, vocabulary ${count(protocol.vocabulary)}`] as const]),
  [
    'optimizer',
    `AdamW, weight decay ${protocol.weightDecay}, gradient norm at most ${protocol.clipNorm}, warm-up over ${percent(protocol.warmupShare)} of the steps`,
  ],
  ['learning rates', `${rates.join(', ')}${tuning.length > 0 ? ', chosen on the validation split' : ''}`],
  ...paths(results),
  ...machines.map(({ cpu, threads, tier, node }, i): [string, string] => [
    machines.length > 1 ? `machine ${i + 1}` : 'machine',
    `${cpu}, ${plural(threads, 'thread')}, ${tier}, Node.js ${node}`,
  ]),
  ['results', `format ${results.format}, version ${results.version}`],
])}
<p>Each trial ran in a process of its own, in random order. The epoch with the best validation decided which weights were tested, once. “Full” is the mean share of a training sequence that is ${unit === 'steps' ? 'signal' : 'text'}, not padding.</p>
${machines.length > 1 ? '<p>The trials ran on several machines. Times are those of the machine with the most trials; of models that did not run on it at a length, those of another, and not compared.</p>' : ''}
${details('Every trial', trialTable(results))}
${tuning.length > 0 ? details('Trials of the learning rate', tuningTable(results)) : ''}
${details('Model configurations', configurations(results))}`;
}
