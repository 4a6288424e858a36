/** The part of the JavaScript WebAssembly API that the engine uses: the compiler's own declarations come with the DOM only. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface WasmApi {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    customSections(module: WasmModule, name: string): ArrayBuffer[]
    imports(module: WasmModule): { module: string; name: string; kind: string }[]
    exports(module: WasmModule): { name: string; kind: string }[]
  }
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory
  readonly Global: new (...args: never[]) => { readonly value: number | bigint }
  readonly RuntimeError: new (message?: string) => Error
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly

export const pageBytes = 65_536
