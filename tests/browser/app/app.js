/** An application that trains with the engine's default tier, and then with the tier that every runtime has. */
import { train } from './training.js';

globalThis.outcome = (async () => [await train(), await train('simd')])();
