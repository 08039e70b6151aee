/** The conformance suite on every engine. */
import { describeEngine } from './conformance.js';
import { REFERENCE, WASM_ENGINES, WASM_TIERS } from './conformance-engines.js';

for (const engine of [REFERENCE, ...WASM_ENGINES, ...WASM_TIERS]) describeEngine(engine);
