/** Constants that the build gives the kernels (scripts/build.js). */

/** Width of the registers that a tier is tuned for. */
declare const REGISTER_BITS: i32;
