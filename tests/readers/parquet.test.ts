/** Parquet files whose damage makes the decoder run without end, or lack what it takes for granted. */
import { it } from 'vitest';
import { openParquetFile } from '#eft/readers/disk/parquetThread.js';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readWhole } from './read.js';

const folder = temporaryFolder();

/** Found by scripts/fuzz: bytes of a file that pandas wrote were exchanged. */
const ENDLESS = [
  'UEFSMRUGFSIVJlwVBBUAFQQVABUEFQAAAAMDDzgBAAAAYQYAAABiLCAiYyIVBhUkFShcFQQVABUEFQAVBBUAAAADAxA8AQAA',
  'AAAAAAAAAAAAAAAAABUGFSQVIFwVBBUAFQQVABUEFQAAAAMDEAAADQEcAQAAAAAAAAAVBhUQFRRcFQInABUCFQAVBBUAAAAD',
  'AQYUAgAAAMO8FQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAEAAAAAAAAAFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAIAAAAA',
  'AAAAFQQZTEgEcm9vdBUGABUMJQIYBHRleHQlAAAVBCUCGAVsYWJlbAAVBCUCGBFfX2luZGV4X2xldmVsXzBfXwAWBhksGTwm',
  'CBwVDBkVABkYBHRleHQVAhYEFkwWUCYIPDYAKAZiLCAiYyIYAWEAGRwVBhUAFQIAAAAmWBwVBBkVABkYBWxhYmVsFQIWBBZO',
  'FlImWDw2ACgIAQAAAAAAAAAYCAAAAAAAAAAAABkcFQYVABUCAAAAJqoBHBUEGRUAGRgRX19pbmRleF9sZXZlbF8wX18VAhYE',
  'Fk4WSiaqATw2ACgIAQAAAAAAAAAYCAAAAAAAAAAAABkcFQYVABUCAAAAFugBFgQ27AEAGTwm9AEcFQwZFQAZGAR0ZXh0FQIW',
  'AhY6Fj4m9AE8NgAoAsO8GALDvAAZHBUGFQAVAgAAACayAhwVBBkVABkYBWxhYmVsFQIWAhY+FkImsgI8NgAoCAEAAAAAAAAA',
  'GAgBAAAAAAAAAAAZHBUGFQAVAgAAACb0AhwVBBkVABkYEV9faW5kZXhfbGV2ZWxfMF9fFQIWAhY+FkIm9AI8NgAoCAIAAAAA',
  'AAAAGAgCAAAAAAAAAAAZHBUGFQAVAgAAABa2ARYCNsIBACgJaHlwYXJxdWV0GTwcAAAcAAAcAAAA5gEAAFBBUjE=',
];
const NAMELESS = [
  'UEFSMRUGFSIVJlwVBBUAFQQVABUEFQAAAAMDDzgBAAAAYQYAAABiLCAiYyIVUBUkFShcFQQVABUEFQAVBBUAAAADAxA8AQAA',
  'AAAAAAAAAAAAAAAAABUGFSQVIFwVBBUAFQQVABUEFQAAAAMDEAAADQEcAQAAAAAAAAAVBhUQFRRcFQIVABUCFQAVBBUAAAAD',
  'AQYUAgAAAMO8FQYVbGFiZWxsYWJlbGxhYmVsbGFiZWxsYWJlbGxhYmVsbGFiZWxsYWJlbGxhYmVsbGFiZWxsYWJlbGxhYmVs',
  'bGFiZWxsYWJlbGxhYmVsbGFiZWxsYWJlbGxhYmVsbGFiZWxsYWJlbGxhYmVsbGFiZWwUFRhcFQIVABUCFQAVBBUAAAADAQgc',
  'AQAAAAAAAAAVBhUUFRhcFQIVABUCFQAVBBUAAAADAQgcAgAAAAAAAAAVBBlMSARyb290FQYAFQwlApgEdGV4dCUAABUEJQIY',
  'BWxhYmVsABUEJQIYEV9faW5kZXhfbGV2ZWxfMF9fABYGGSwZPCYIHBUMGRUAGRgEdGV4dBUCFgQWTBZQJgg8NgAoBmIsICJj',
  'IhgBYQAZHBUGFQAVAgAAACZYHBUEGRUAGRgFbGFiZWwVAhYEFk4WUiZYPDYAKAgBAAAAAAAAABgIAAAAAAAAAAAAGRwVBhUA',
  'FQIAAAAmqgEcFQQZFQAZGBFfX2luZGV4X2xldmVsXzBfXxUCFgQWThZKJqoBPDYAKAgBAAAAAAAAABgIAAAAAAAAAAAAGRwV',
  'BhUAFQIAAAAW6AEWBDbsAQAZPCb0ARwVDBkVABkYBHRleHQVAhYCFjoWPib0ATw2ACgCw7wYAsO8ABkcFQYVABUCAAAAJrIC',
  'HBUEGRUAGRgFbGFiZWwVAhYCFj4WQiayAjw2ACgIAQAAAAAAAAAYCAEAAAAAAAAAABkcFQYVABUCAAAAJvQCHBUEGRUAGRgR',
  'X19pbmRleF9sZXZlbF8wX18VAhYCFj4WQib0Ajw2ACgIAgAAAAAAAAAYCAIAAAAAAAAAABkcFQYVABUCAAAAFrYBFgI2wgEA',
  'KAloeXBhcnF1ZXQZPBwAABwAABwAAADmAQAAUEFSMQ==',
];

const write = (name: string, base64: readonly string[]): Promise<string> =>
  folder.write(name, Buffer.from(base64.join(''), 'base64'));

it('one that is not decoded in time is refused', async () => {
  const path = await write('endless.parquet', ENDLESS);
  // On a busy machine the thread may begin late: then it is opening that is refused.
  const read = async () => collect((await openParquetFile(path, 1)).rows());
  await expectRefusal(
    read(),
    `${path}: the Parquet data are damaged or of a kind that is not read (not decoded within 1 s, which is long even on a busy machine); write the file again`,
  );
});

it('one with a column without a name is refused', async () => {
  const path = await write('nameless.parquet', NAMELESS);
  await expectRefusal(
    readWhole(path),
    `${path}: the Parquet data are damaged or of a kind that is not read (a column without a name); write the file again`,
  );
});
