/** As much of WebAssembly as is used here: the types of Node.js 20 do not tell of it, and those of a browser tell too much. */
declare namespace WebAssembly {
  class Memory {
    constructor(options: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module<Exports extends object> {
    constructor(bytes: Uint8Array);
    /** Never there: keeps what it exports with the module. */
    private readonly exports: Exports;
  }
  class Instance<Exports extends object> {
    constructor(module: Module<Exports>, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: Exports;
  }
}
