/** First in, first out, and out of the middle. */

/** What can stand in a list: one at a time. */
export interface Linked<N> {
  previous: N | undefined;
  next: N | undefined;
}

/** A list through its nodes themselves: joining and leaving cost a few writes and no memory. */
export class LinkedList<N extends Linked<N>> implements Iterable<N> {
  first: N | undefined = undefined;
  #last: N | undefined = undefined;
  length = 0;

  push(node: N): void {
    node.previous = this.#last;
    node.next = undefined;
    if (this.#last === undefined) this.first = node;
    else this.#last.next = node;
    this.#last = node;
    this.length++;
  }

  unshift(node: N): void {
    node.next = this.first;
    node.previous = undefined;
    if (this.first === undefined) this.#last = node;
    else this.first.previous = node;
    this.first = node;
    this.length++;
  }

  /** Takes out a node that stands in this list. */
  remove(node: N): void {
    if (node.previous === undefined) this.first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.length--;
  }

  shift(): N | undefined {
    const node = this.first;
    if (node !== undefined) this.remove(node);
    return node;
  }

  *[Symbol.iterator](): Iterator<N> {
    for (let node = this.first; node !== undefined; ) {
      // Read first: the caller may take the node out.
      const next: N | undefined = node.next;
      yield node;
      node = next;
    }
  }
}
