/** What the demo sees of a sample service: that it is there, and how many commands it has done. */

export interface Sample {
  readonly name: string;
  received(): number;
  /** It takes every command from now on. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}
