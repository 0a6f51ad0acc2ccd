/** What one transition yields: the next state, and what the host is to do. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}
