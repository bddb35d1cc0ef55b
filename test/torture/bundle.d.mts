/** Bundles a TypeScript file below `test/torture` (a path like `parts/crash/victim.ts`) and gives the program's path. */
export function bundle(file: string): Promise<string>;
