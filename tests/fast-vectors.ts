/** Before each test file: the tests own their process, and are to meet every build of the kernels. */
import { enableFastVectors } from '#eft/platform/node/fastVectors.js';

enableFastVectors();
