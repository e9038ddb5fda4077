/**
 * What can go wrong between "give me a server" and a server. Callers branch on the code; the message is
 * for the person at the terminal and says what to do.
 */

export type LocalStackErrorCode =
  /** No binary that is new enough, and none could be fetched. The message says what to install. */
  | "server_not_found"
  /** The address given in the environment does not answer. */
  | "server_unreachable"
  /** The server at the address given in the environment is too old, or runs without JetStream. */
  | "server_unsuitable"
  /** The process ended or stayed silent at start; the message ends with its last lines of output. */
  | "server_did_not_start"
  /** The server was not started here (its address came from the environment), so it is not ours to end. */
  | "server_not_ours"
  /** `restart` was asked of a server that `stop` has already put away, its store with it. */
  | "server_stopped";

export class LocalStackError extends Error {
  override readonly name = "LocalStackError";
  readonly code: LocalStackErrorCode;

  constructor(code: LocalStackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
