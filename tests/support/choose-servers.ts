/** Before all tests: where their servers run, said once. */

import { chooseServers } from "./servers.ts";

export default async function setup(): Promise<void> {
  process.stdout.write(`servers: ${await chooseServers()}\n`);
}
