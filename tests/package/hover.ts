/** What an editor shows of a name in a source file: by TypeScript's own language service. */
import { dirname } from 'node:path';
import ts from 'typescript';

/** @param wanted the names to look at: where each stands first in the file */
export function hovers(file: string, wanted: readonly string[]): Map<string, string> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    types: [],
  };
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot(path) {
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => dirname(file),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
  const text = ts.sys.readFile(file) ?? '';
  const shown = wanted.map((name): [string, string] => {
    const info = service.getQuickInfoAtPosition(file, text.indexOf(`${name}:`));
    return [name, ts.displayPartsToString(info?.documentation)];
  });
  service.dispose();
  return new Map(shown);
}
