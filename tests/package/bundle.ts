/** The page of `app/` as bundlers make it of the installed package, without configuration. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { build as buildWithVite } from 'vite';

/** Each gives the folder to serve. */
export const BUNDLERS: Readonly<Record<string, (application: string) => Promise<string>>> = {
  async vite(application) {
    const outDir = join(application, 'vite');
    await buildWithVite({ root: application, configFile: false, logLevel: 'error', build: { outDir } });
    return outDir;
  },
  async esbuild(application) {
    const outdir = join(application, 'esbuild');
    await buildWithEsbuild({
      absWorkingDir: application,
      entryPoints: ['page.ts'],
      bundle: true,
      minify: true,
      splitting: true,
      format: 'esm',
      outdir,
      logLevel: 'error',
    });
    const html = await readFile(join(application, 'index.html'), 'utf8');
    await writeFile(join(outdir, 'index.html'), html.replace('./page.ts', './page.js'));
    return outdir;
  },
};
