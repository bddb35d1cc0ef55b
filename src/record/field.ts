/**
 * What the keys of a record may hold. Checks by hand: schemas of a library would take longer to build than a small log
 * takes to read, at every start.
 */

/** True for what a key may hold. */
export type Field<T> = (value: unknown) => value is T;

/** The keys of one kind of record. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

type Held<F> = F extends Field<infer T> ? T : never;
type MayLack<F> = undefined extends Held<F> ? true : false;

/** What an object with these keys holds; a key that may hold `undefined` may be missing. */
export type Values<F extends Fields> = {
  [K in keyof F as MayLack<F[K]> extends true ? never : K]: Held<F[K]>;
} & {
  [K in keyof F as MayLack<F[K]> extends true ? K : never]?: Held<F[K]>;
};

export const text: Field<string> = (value) => typeof value === 'string';
export const flag: Field<boolean> = (value) => typeof value === 'boolean';
/** JSON has no infinity, but `1e999` is read as one. */
export const count: Field<number> = (value): value is number => Number.isFinite(value);
export const texts: Field<string[]> = (value): value is string[] => Array.isArray(value) && value.every(text);
export const anything: Field<unknown> = (_value): _value is unknown => true;

export function oneOf<const T extends string>(words: readonly T[]): Field<T> {
  return (value): value is T => words.some((word) => word === value);
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return (value): value is T | undefined => value === undefined || field(value);
}

/** Whether every key of `fields` holds what it may in `value`. */
export function holds(fields: Fields, value: Readonly<Record<string, unknown>>): boolean {
  for (const key in fields) {
    const field = fields[key];
    if (field !== undefined && !field(value[key])) return false;
  }
  return true;
}
