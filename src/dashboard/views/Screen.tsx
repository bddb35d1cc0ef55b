import { Box } from 'ink';
import type { ReactElement } from 'react';
import { type Block, type Layout, layoutOf } from '../layout.js';
import type { Model, Pane as PaneName } from '../model.js';
import { ExpectationsPane } from './ExpectationsPane.js';
import { Footer } from './Footer.js';
import { Header } from './Header.js';
import { HelpPane } from './HelpPane.js';
import { LogPane } from './LogPane.js';
import type { Ui } from './Pane.js';
import { SubscribersPane } from './SubscribersPane.js';
import { TracePane } from './TracePane.js';
import { TracesPane } from './TracesPane.js';
import { TroubleLine } from './TroubleLine.js';
import { TypesPane } from './TypesPane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
}

const PANE_VIEWS: Readonly<Record<PaneName, typeof TypesPane>> = {
  types: TypesPane,
  subscribers: SubscribersPane,
  traces: TracesPane,
  expectations: ExpectationsPane,
  log: LogPane,
};

/** The whole screen. */
export function Screen({ ui, model }: Props): ReactElement {
  const layout = layoutOf(model);
  return (
    <Box flexDirection="column">
      <Header ui={ui} model={model} lines={layout.header} />
      {layout.trouble === 1 && <TroubleLine ui={ui} model={model} />}
      <Body ui={ui} model={model} layout={layout} />
      {layout.footer > 0 && <Footer ui={ui} model={model} lines={layout.footer} />}
    </Box>
  );
}

function Body({ ui, model, layout }: Props & { readonly layout: Layout }): ReactElement {
  const whole = { ui, model, width: model.columns, height: layout.body, boxed: layout.boxed };
  if (model.overlay.kind === 'help') return <HelpPane {...whole} />;
  if (model.overlay.kind === 'trace') return <TracePane {...whole} />;
  return <BlockView ui={ui} model={model} block={layout.panes} boxed={layout.boxed} />;
}

function BlockView({
  ui,
  model,
  block,
  boxed,
}: Props & { readonly block: Block; readonly boxed: boolean }): ReactElement {
  if (block.kind === 'pane') {
    const View = PANE_VIEWS[block.pane];
    return <View ui={ui} model={model} width={block.width} height={block.height} boxed={boxed} />;
  }
  return (
    <Box flexDirection={block.kind}>
      {block.children.map((child, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: panes are known by their place
        <BlockView key={index} ui={ui} model={model} block={child} boxed={boxed} />
      ))}
    </Box>
  );
}
