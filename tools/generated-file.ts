/** A committed file that is made of the code, so that it cannot come to differ from it. */
export interface GeneratedFile {
  /** Path from the project's folder. */
  readonly file: string;
  /** The whole text; the same at every call. */
  readonly render: () => string | Promise<string>;
}
