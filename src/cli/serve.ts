/** `eft serve`: a trained model behind HTTP. */
import { InputError, InterruptedError } from '../errors.js';
import { Classifier } from '../inference/classifier.js';
import { loadOptions } from '../learning/options.js';
import { firstStop } from '../platform/node/signals.js';
import { acceptedBy } from '../server/accepted.js';
import { createApp } from '../server/app.js';
import { isLoopback, listen } from '../server/listen.js';
import { type ServerOptions, serverOptionsSchema } from '../server/options.js';
import { CliCommand } from './command.js';
import { addOptions, givenOptions } from './options.js';
import { programVersion } from './origin.js';
import { tell, writeOut } from './output.js';
import { warnOf } from './predict.js';

export function command(): CliCommand {
  const serve = new CliCommand('serve')
    .description('Answer over HTTP: POST /predict {"inputs": "a text"}, as Hugging Face does.')
    .argument('<run>', 'run folder');
  addOptions(serve, serverOptionsSchema.shape);
  serve
    .under('Service')
    .option('--allow-host <name...>', 'names by which requests may call a server without a token')
    .more("besides this machine's own, e.g. that of a proxy in front of it")
    .rare();
  return addOptions(serve, loadOptions)
    .addHelpText(
      'after',
      `
Examples:
  eft serve runs/spam
  curl -H 'content-type: application/json' -d '{"inputs": "Win a free cruise now!"}' http://127.0.0.1:8080/predict
  EFT_TOKEN=… eft serve runs/spam --host 0.0.0.0
  eft serve runs/spam --allow-host api.example      behind a proxy on this machine that keeps the name
  curl -H 'content-type: audio/wav' --data-binary @dog.wav http://127.0.0.1:8080/predict      a model of sounds

Also GET /health, /metrics (Prometheus), /openapi.json, and / to try it in a browser.`,
    )
    .action(run);
}

async function run(path: string, given: Record<string, unknown>): Promise<void> {
  const options = optionsOf(given);
  demandSafe(options);
  const stop = firstStop();
  const classifier = await Classifier.load(path, givenOptions(given, loadOptions));
  try {
    warnOf(path, classifier);
    const hosts =
      options.token === undefined && isLoopback(options.host)
        ? ['127.0.0.1', 'localhost', '[::1]', hostOf(options.host), ...options.allowHost]
        : undefined;
    const ending = new AbortController();
    const app = createApp({
      ...options,
      classifier,
      accepted: acceptedBy(classifier),
      version: programVersion(),
      hosts,
      ending: ending.signal,
    });
    const server = await listen(app, options);
    writeOut(`listening on ${server.url}\n`);
    const signal = await stop;
    tell('ending: requests under way are answered; again to end at once');
    ending.abort();
    await server.end(options.timeout);
    if (signal === 'SIGINT') throw new InterruptedError('stopped');
  } finally {
    await classifier.dispose();
  }
}

/** With the token of the environment where none is given. Throws InputError on one that cannot be used. */
function optionsOf(given: Record<string, unknown>): ServerOptions {
  const { EFT_TOKEN } = process.env;
  const parsed = serverOptionsSchema.safeParse({
    ...(EFT_TOKEN === undefined ? {} : { token: EFT_TOKEN }),
    ...givenOptions(given, serverOptionsSchema.shape),
    ...(given.allowHost === undefined ? {} : { allowHost: given.allowHost }),
  });
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const name = path[0] === 'token' ? 'EFT_TOKEN' : '--allow-host';
  throw new InputError(`${name}: ${message}`);
}

/** As URLs have it. */
const hostOf = (host: string): string =>
  host.includes(':') ? new URL(`http://[${host}]/`).hostname : host.toLowerCase();

/** Throws InputError where other machines could ask without a token. */
function demandSafe({ host, token, insecure }: ServerOptions): void {
  if (isLoopback(host) || token !== undefined || insecure) return;
  throw new InputError(
    `--host ${host} lets other machines ask: set a token (--token, or EFT_TOKEN), or say --insecure`,
  );
}
