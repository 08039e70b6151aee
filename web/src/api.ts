/** What the page asks of its worker, and what it is told: plain data, which can be sent between threads. */
import type { ModelName, Prediction, ReadOptions, Runtime, Score, Verdict } from 'elastic-fourier';

/** How a file is to be read, as far as the page lets one say it. */
export type Reading = Pick<ReadOptions, 'textField' | 'labelField' | 'encoding' | 'noHeader' | 'html'>;

/** What a file looks like before it is read. */
export interface Looked {
  readonly fields: readonly string[];
  readonly text: string | undefined;
  readonly label: string | undefined;
  /** First values of each field, short. */
  readonly examples: readonly Readonly<Record<string, string>>[];
}

export interface DataSummary {
  readonly name: string;
  readonly description: string;
  readonly count: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  readonly warnings: readonly string[];
  /** Words of the texts: of the middle one, of the one longer than nine in ten, of the longest. */
  readonly lengths: { readonly median: number; readonly most: number; readonly longest: number };
  /** Tokens that read nine texts in ten whole: a power of two. */
  readonly suggestedLength: number;
  readonly parts: { readonly train: number; readonly validation: number; readonly test: number };
}

export interface Settings {
  readonly model: ModelName;
  readonly sequenceLength: number;
  /** Undefined: the family's own. */
  readonly epochs: number | undefined;
  readonly seed: number;
}

/** Since the last report, a few times a second. */
export interface StepReport {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly epochs: number;
  /** Epochs done, with fractions, beside mean loss and accuracy of the steps since the last report. */
  readonly at: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Seconds, at the pace of this training; undefined as long as that is not known. */
  readonly left: number | undefined;
}

export interface EpochReport {
  readonly epoch: number;
  readonly best: boolean;
  readonly loss: number;
  readonly accuracy: number;
}

export interface WrongText {
  readonly text: string;
  readonly label: string;
  readonly predicted: string;
  readonly confidence: number;
}

/** A model that can be asked. */
export interface ModelSummary {
  readonly family: string;
  readonly classes: readonly string[];
  readonly sequenceLength: number;
  /** Epoch of its weights, and epochs that were trained; undefined of a file that does not say. */
  readonly epoch: number | undefined;
  readonly epochs: number | undefined;
  readonly dataName: string;
  readonly warnings: readonly string[];
  /** On the part of the data that training did not see; undefined for one that was opened. */
  readonly test:
    | {
        readonly accuracy: number;
        readonly interval: readonly [number, number];
        readonly macroF1: number;
        readonly examples: number;
        readonly confusion: readonly (readonly number[])[];
        readonly wrong: readonly WrongText[];
        readonly cutShare: number;
      }
    | undefined;
}

export interface Answer {
  readonly scores: Prediction;
  /** Share of the text's tokens that the model knows. */
  readonly known: number;
  /** Words that weighed most for the first class, or against it; undefined where the family cannot say. */
  readonly evidence: readonly { readonly text: string; readonly weight: number }[] | undefined;
}

export type Outcome = { readonly stopped: boolean; readonly model: ModelSummary | undefined };

export interface Predicted {
  readonly csv: Blob;
  readonly count: number;
  /** The first, to look at. */
  readonly first: readonly { readonly text: string; readonly best: Score }[];
}

/** The worker, as comlink shows it; callbacks are proxies. Every method may reject with an error to show. */
export interface Workshop {
  /** Loads all that will be needed. */
  prepare(): Promise<Runtime>;
  look(file: File, reading: Reading): Promise<Looked>;
  /** Undefined: the sample that comes along. */
  read(file: File | undefined, reading: Reading): Promise<DataSummary>;
  /** @param resume go on with the last one */
  train(
    settings: Settings,
    resume: boolean,
    onStep: (report: StepReport) => void,
    onEpoch: (report: EpochReport) => void,
  ): Promise<Outcome>;
  compare(
    models: readonly ModelName[],
    settings: Omit<Settings, 'model' | 'seed'>,
    seeds: number,
    onProgress: (share: number, note: string) => void,
  ): Promise<Verdict | undefined>;
  /** Of a training, a comparison or a file: between two steps. */
  stop(): void;
  ask(text: string): Promise<Answer>;
  /** The model in the hub's layout, as one zip file. */
  download(): Promise<Blob>;
  open(file: File): Promise<ModelSummary>;
  predictFile(
    file: File,
    reading: Reading,
    onProgress: (done: number) => void,
  ): Promise<Predicted | undefined>;
}
