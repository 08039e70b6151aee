import { render } from 'preact';
import { App } from './app.tsx';
import { start } from './state.ts';
import './style.css';

render(<App />, document.getElementById('app')!);
start();
