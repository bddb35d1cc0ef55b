/** One listener a signal, however many subscriptions it ends: Node.js warns of a leak from the eleventh on. */

interface Entry {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

export class AbortListeners {
  readonly #entries = new Map<AbortSignal, Entry>();

  /** Calls `call` when `signal` aborts; the returned function stops that. */
  listen(signal: AbortSignal, call: () => void): () => void {
    const entry = this.#entries.get(signal) ?? this.#begin(signal);
    entry.calls.add(call);
    return () => {
      entry.calls.delete(call);
      if (entry.calls.size > 0 || this.#entries.get(signal) !== entry) return;
      this.#entries.delete(signal);
      signal.removeEventListener('abort', entry.listener);
    };
  }

  #begin(signal: AbortSignal): Entry {
    const calls = new Set<() => void>();
    const listener = () => {
      this.#entries.delete(signal);
      for (const call of [...calls]) call();
    };
    const entry = { calls, listener };
    this.#entries.set(signal, entry);
    signal.addEventListener('abort', listener, { once: true });
    return entry;
  }
}
