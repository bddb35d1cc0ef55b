/** A queue in a ring of memory that it keeps: joining and leaving allocate nothing, however often it is emptied. */
export class Ring<T> {
  #items: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  /** Both rise for ever; their last bits are the place in the ring. */
  #first = 0;
  #end = 0;

  get empty(): boolean {
    return this.#first === this.#end;
  }

  push(item: T): void {
    if (this.#end - this.#first === this.#items.length) this.#grow();
    this.#items[this.#end & (this.#items.length - 1)] = item;
    this.#end++;
  }

  shift(): T | undefined {
    if (this.#first === this.#end) return undefined;
    const place = this.#first & (this.#items.length - 1);
    const item = this.#items[place];
    this.#items[place] = undefined;
    this.#first++;
    // Small numbers, which need no memory, and are exact for ever.
    if (this.#first === this.#end) {
      this.#first = 0;
      this.#end = 0;
    }
    return item;
  }

  #grow(): void {
    const { length } = this.#items;
    const larger = new Array<T | undefined>(2 * length).fill(undefined);
    for (let offset = 0; offset < length; offset++) larger[offset] = this.#items[(this.#first + offset) & (length - 1)];
    this.#items = larger;
    this.#end -= this.#first;
    this.#first = 0;
  }
}
