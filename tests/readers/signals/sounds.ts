/** Writes WAV files for tests, in every form that is read. */

export interface WavOptions {
  readonly rate?: number;
  readonly bits?: number;
  readonly float?: boolean;
  readonly extensible?: boolean;
  /** Bytes of samples that the header says, instead of those there are. */
  readonly toldBytes?: number;
  /** Changes the finished header. */
  readonly damage?: (view: DataView) => void;
}

/** @param channels samples of each channel, −1 … 1 */
export function wavOf(channels: readonly (readonly number[])[], options: WavOptions = {}): Uint8Array {
  const { rate = 8000, bits = 16, float = false, extensible = false, toldBytes, damage } = options;
  const width = bits / 8;
  const steps = channels[0]?.length ?? 0;
  const body = steps * channels.length * width;
  const formatBytes = extensible ? 40 : 16;
  // A part that nobody knows, of odd length, in between.
  const extra = 8 + 4;
  const bytes = new Uint8Array(12 + 8 + formatBytes + extra + 8 + body);
  const view = new DataView(bytes.buffer);
  const tag = (at: number, text: string): void => {
    for (let i = 0; i < 4; i++) bytes[at + i] = text.charCodeAt(i);
  };
  const code = float ? 3 : 1;
  tag(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  view.setUint32(16, formatBytes, true);
  view.setUint16(20, extensible ? 0xfffe : code, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels.length * width, true);
  view.setUint16(32, channels.length * width, true);
  view.setUint16(34, bits, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(38, bits, true);
    view.setUint16(44, code, true);
  }
  let at = 20 + formatBytes;
  tag(at, 'LIST');
  view.setUint32(at + 4, 3, true);
  at += extra;
  tag(at, 'data');
  view.setUint32(at + 4, toldBytes ?? body, true);
  at += 8;
  for (let t = 0; t < steps; t++) {
    for (const channel of channels) {
      writeSample(view, at, channel[t], bits, float);
      at += width;
    }
  }
  damage?.(view);
  return bytes;
}

function writeSample(view: DataView, at: number, value: number, bits: number, float: boolean): void {
  if (float && bits === 32) view.setFloat32(at, value, true);
  else if (float) view.setFloat64(at, value, true);
  else if (bits === 8) view.setUint8(at, Math.round(value * 128) + 128);
  else if (bits === 16) view.setInt16(at, Math.round(value * 32768), true);
  else if (bits === 32) view.setInt32(at, Math.round(value * 2147483648), true);
  else {
    const whole = Math.round(value * 8388608);
    view.setUint16(at, whole & 0xffff, true);
    view.setInt8(at + 2, whole >> 16);
  }
}
