import { useInput } from 'ink';
import { Component, type ReactElement, type ReactNode, useSyncExternalStore } from 'react';
import type { KeyReader } from './input.js';
import type { Message, Model } from './model.js';
import type { Ui } from './views/Pane.js';
import { Screen } from './views/Screen.js';

/** The model that is shown now, and who is to be told of the next one. */
export class Stage {
  #model: Model;
  #listener = () => {};

  constructor(model: Model) {
    this.#model = model;
  }

  readonly current = (): Model => this.#model;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listener = listener;
    return () => {
      this.#listener = () => {};
    };
  };

  show(model: Model): void {
    this.#model = model;
    this.#listener();
  }
}

interface Props {
  readonly ui: Ui;
  readonly stage: Stage;
  readonly keys: KeyReader;
  /** False for screen readers: nothing is drawn, keys are read all the same. */
  readonly drawn: boolean;
  readonly onMessage: (message: Message) => void;
  /** A view threw. */
  readonly onCrash: (error: unknown) => void;
}

/** The only place with hooks: keys in, the model's picture out. */
export function App({ ui, stage, keys, drawn, onMessage, onCrash }: Props): ReactElement {
  const model = useSyncExternalStore(stage.subscribe, stage.current);
  useInput((input, key) => {
    for (const typed of keys.read(input, key)) onMessage(typed);
  });
  return <Guard onCrash={onCrash}>{drawn ? <Screen ui={ui} model={model} /> : null}</Guard>;
}

interface GuardProps {
  readonly onCrash: (error: unknown) => void;
  readonly children: ReactNode;
}

/** Catches what a view throws, before Ink draws the error over the screen. */
class Guard extends Component<GuardProps, { readonly failed: boolean }> {
  override readonly state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onCrash(error);
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}
