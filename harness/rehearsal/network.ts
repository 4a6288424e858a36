/** A node of a rehearsal, running or not. */
interface NetworkNode {
  /** Of the validator whose keys it has. */
  readonly name: string
  /** Its JSON-RPC, WebSocket. */
  readonly rpc: string
}

/** Nodes of one chain on this machine. Whatever becomes of epochdiff, none of them outlives it. */
export interface Network {
  readonly nodes: readonly NetworkNode[]
  /** Starts a node that does not run. */
  start(name: string): Promise<void>
  /** Ends a node at once (SIGKILL); its data stay. */
  kill(name: string): Promise<void>
  /** Why a node that was started and not killed does not run; `undefined` while it does. */
  failure(name: string): string | undefined
  /** The last bytes of every log, by node. */
  logs(): Promise<ReadonlyMap<string, string>>
  /** Ends all nodes and removes their data.
   *  @throws E812 when a process or a port is left */
  close(): Promise<void>
}
