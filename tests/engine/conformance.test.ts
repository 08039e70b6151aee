/** The conformance suite on the engines. */
import { describeEngine } from './conformance.js';
import { MAIN_ENGINES, REFERENCE } from './conformance-engines.js';

for (const engine of [REFERENCE, ...MAIN_ENGINES]) describeEngine(engine);
