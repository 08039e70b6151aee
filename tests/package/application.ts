/** The package as users get it: packed, installed into an empty project, with the sources of `app/` beside it. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = fileURLToPath(new URL('app', import.meta.url));

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(command: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

export interface Application {
  readonly folder: string;
  /** Paths in the tarball, without the leading `package/`. */
  readonly packed: readonly string[];
  node(...args: string[]): Promise<Finished>;
  /** Type-checks and emits by tsconfig.KIND.json, with the repository's compiler and its types of Node. */
  compile(kind: string, ...flags: string[]): Promise<Finished>;
  dispose(): Promise<void>;
}

/** What npm needs is in its cache after `npm ci`, so this asks the registry for little or nothing. */
export async function createApplication(): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'eft-package-'));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const [tarball] = JSON.parse(
    await succeed('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  await cp(sources, folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await succeed('npm', ['install', ...quiet, `./${tarball.filename}`], folder);
  return {
    folder,
    packed: tarball.files.map(({ path }: { path: string }) => path),
    node: (...args) => run(process.execPath, args, folder),
    compile: (kind, ...flags) => {
      const modules = join(root, 'node_modules');
      const args = ['-p', `tsconfig.${kind}.json`, '--typeRoots', join(modules, '@types'), ...flags];
      return run(join(modules, '.bin', 'tsc'), args, folder);
    },
    dispose: () => rm(folder, { recursive: true }),
  };
}

/** The folders of all packages in a node_modules, nested ones too. */
export async function installedPackages(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return files
    .filter(({ name, parentPath }) => name === 'package.json' && isPackage(parentPath))
    .map(({ parentPath }) => parentPath);
}

/** Not every folder with a package.json is a package: some only say `"type": "commonjs"`. */
const isPackage = (path: string): boolean => /[/\\]node_modules[/\\](@[^/\\]+[/\\])?[^/\\]+$/.test(path);
