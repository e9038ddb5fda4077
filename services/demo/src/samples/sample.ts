/** What the demo sees of a sample service: how many commands it has done. */

export interface Sample {
  readonly name: string;
  received(): number;
  close(): Promise<void>;
}
