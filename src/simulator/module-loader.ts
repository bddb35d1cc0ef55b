/** Loads the code of `module` handlers. */
import { pathToFileURL } from 'node:url';

/** Loads the module at an absolute path; `version` rises at each reload, so that a changed file is read again. */
export type ModuleLoader = (path: string, version: number) => Promise<unknown>;

export const importModule: ModuleLoader = (path, version) => {
  const url = pathToFileURL(path);
  if (version > 0) url.searchParams.set('reload', String(version));
  return import(url.href);
};
