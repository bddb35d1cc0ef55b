/** Ways to ask a service something and get its answer. */

export interface Question {
  readonly query: string;
}

export interface Answer {
  readonly query: string;
  readonly results: number;
}

export interface Way {
  /** For programs. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Asks once; resolves when the answer is there. `number` tells the requests apart. */
  ask(number: number): Promise<unknown>;
  /** Called between measurements: throws away what piled up. */
  tidy(): void;
  close(): Promise<void> | void;
}

export const QUESTION: Question = { query: 'how do events flow?' };

/** The service's work: next to nothing, so that the way to it is what counts. */
export function answer({ query }: Question): Answer {
  return { query, results: query.length };
}
