/** The limit: a heap of due times and an awaited handler for each, with nothing of a bus, a log or a model. */

/** Handles so many timers, twenty at a time; gives the count. */
export async function bareHeap(count) {
  const heap = new Heap();
  let now = 0;
  let handled = 0;
  let left = count;
  const handler = async () => {
    handled++;
    if (left-- > 0) heap.push(now + Math.random() * 10, handler);
  };
  for (let start = 0; start < 20; start++, left--) heap.push(start, handler);
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    now = next.due;
    await next.handler();
  }
  return handled;
}

class Heap {
  #nodes = [];

  push(due, handler) {
    const nodes = this.#nodes;
    let index = nodes.push(undefined) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      if (nodes[parent].due <= due) break;
      nodes[index] = nodes[parent];
      index = parent;
    }
    nodes[index] = { due, handler };
  }

  pop() {
    const nodes = this.#nodes;
    const top = nodes[0];
    const last = nodes.pop();
    if (nodes.length === 0) return top;
    let index = 0;
    for (;;) {
      let least = index * 4 + 1;
      if (least >= nodes.length) break;
      const end = Math.min(least + 4, nodes.length);
      for (let child = least + 1; child < end; child++) if (nodes[child].due < nodes[least].due) least = child;
      if (nodes[least].due >= last.due) break;
      nodes[index] = nodes[least];
      index = least;
    }
    nodes[index] = last;
    return top;
  }
}
