import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { recognise } from './api.ts';
import { App } from './app.tsx';
import { foreseeOverview } from './gateway-state.ts';
import { followAddress } from './place.ts';

followAddress();
void recognise();
void foreseeOverview();
render(<App />, document.getElementById('console')!);
