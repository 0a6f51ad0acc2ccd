import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { recognise } from './api.ts';
import { App } from './app.tsx';
import { followAddress } from './place.ts';

followAddress();
void recognise();
render(<App />, document.getElementById('console')!);
