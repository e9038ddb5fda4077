/**
 * Is this server new enough, and does this account have JetStream? Carillon needs what nats-server 2.12 brought
 * (per-message time to live, delete markers, subject transforms that behave); an older one would lose leases.
 */

/** The oldest nats-server that Carillon runs on. */
export const SERVER_VERSION_MIN = "2.12.0";

/** The server cannot carry Carillon; the process ends with exit code 69. */
export class ServerTooOld extends Error {
  override name = "ServerTooOld";
}

/** Throws ServerTooOld unless `version` is at least `SERVER_VERSION_MIN`; a pre-release counts as its release. */
export function assertVersion(version: string): void {
  if (compareVersions(version, SERVER_VERSION_MIN) < 0) {
    throw new ServerTooOld(
      `nats-server ${version} is too old: Carillon needs ${SERVER_VERSION_MIN} or newer (see https://docs.nats.io/running-a-nats-service/introduction/installation)`,
    );
  }
}

export function withoutJetStream(detail: string): ServerTooOld {
  return new ServerTooOld(
    `JetStream is not available here: ${detail}. Start nats-server with -js, or enable JetStream for this account`,
  );
}

/** Negative, 0 or positive, as `left` is older than, equal to or newer than `right`; parts that are no numbers count as 0. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [numbers(left), numbers(right)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  const [release = ""] = version.replace(/^v/, "").split(/[-+]/);
  return release.split(".").map((part) => Number.parseInt(part, 10) || 0);
}
