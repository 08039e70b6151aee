/** `eft serve`: a trained model behind HTTP. */
import { Command } from 'commander';
import { InputError, InterruptedError } from '../errors.js';
import { Classifier } from '../inference/classifier.js';
import { loadOptions } from '../learning/options.js';
import { firstStop } from '../platform/node/signals.js';
import { createApp } from '../server/app.js';
import { isLoopback, listen } from '../server/listen.js';
import { type ServerOptions, serverOptionsSchema } from '../server/options.js';
import { addOptions, givenOptions } from './options.js';
import { programVersion } from './origin.js';
import { tell, writeOut } from './output.js';
import { warnOf } from './predict.js';

export function command(): Command {
  const serve = new Command('serve')
    .description('Answer over HTTP: POST /predict {"inputs": "a text"}, as Hugging Face does.')
    .argument('<run>', 'run folder');
  addOptions(serve, serverOptionsSchema.shape);
  return addOptions(serve, loadOptions)
    .addHelpText(
      'after',
      `
Examples:
  eft serve runs/spam
  curl -H 'content-type: application/json' -d '{"inputs": "Win a free cruise now!"}' http://127.0.0.1:8080/predict
  EFT_TOKEN=… eft serve runs/spam --host 0.0.0.0

Also GET /health, /metrics (Prometheus), /openapi.json, and / to try it in a browser.`,
    )
    .action(run);
}

async function run(path: string, given: Record<string, unknown>): Promise<void> {
  const options = serverOptionsSchema.parse({
    token: process.env.EFT_TOKEN,
    ...givenOptions(given, serverOptionsSchema.shape),
  });
  demandSafe(options);
  const stop = firstStop();
  const classifier = await Classifier.load(path, givenOptions(given, loadOptions));
  try {
    warnOf(path, classifier);
    const hosts =
      options.token === undefined && isLoopback(options.host)
        ? ['127.0.0.1', 'localhost', '[::1]', options.host]
        : undefined;
    const ending = new AbortController();
    const app = createApp({
      ...options,
      classifier,
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

/** Throws InputError where other machines could ask without a token. */
function demandSafe({ host, token, insecure }: ServerOptions): void {
  if (isLoopback(host) || token !== undefined || insecure) return;
  throw new InputError(
    `--host ${host} lets other machines ask: set a token (--token, or EFT_TOKEN), or say --insecure`,
  );
}
